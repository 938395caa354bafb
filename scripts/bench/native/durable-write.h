#pragma once

// Writes a small new file into a directory so that it survives a loss of power: what any program has to do that keeps
// one more rule on disk. The file of the last call goes. 0, or -1 with errno set.
int DurableWrite(const char* directory);
