// Carries out many calls of the management server's program in one process, because the start of Node would be most of the time of a
// long replay: entry-server.mjs ENTRY SOCKET. One call per connection: a line of JSON { argv, files } in, { exit, stdout, stderr, milliseconds } out.
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { runEntry } from '../../dist/management/entry.js';
import { writeLog } from '../../dist/management/entry-log.js';

const [program = '', socket = ''] = process.argv.slice(2);
let calls = 0;

createServer((connection) => {
  connection.on('error', () => {});
  createInterface({ input: connection }).once('line', async (line) => {
    const { argv, files } = JSON.parse(line);
    const paths = Object.fromEntries(Object.keys(files).map((name) => [name, `${socket}-${calls++}.payload`]));
    for (const [name, path] of Object.entries(paths)) writeFileSync(path, files[name]);
    const begin = performance.now();
    const words = argv.map((/** @type {string} */ word) => paths[word] ?? word);
    const result = await runEntry(words, { program, variables: process.env, writeLog });
    for (const path of Object.values(paths)) rmSync(path);
    const { exitCode: exit, stdout, stderr } = result;
    const outcome = {
      exit,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      milliseconds: performance.now() - begin,
    };
    connection.end(`${JSON.stringify(outcome)}\n`);
  });
}).listen(socket);
