import { playStories } from './stories.js';

playStories('gen2');
