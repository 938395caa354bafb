#define _GNU_SOURCE
#include "durable-write.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int Flush(const char* directory) {
  int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int result = fsync(descriptor);
  close(descriptor);
  return result;
}

int DurableWrite(const char* directory) {
  static const char kContent[] = "tcp 203.0.113.10 2222 10.1.1.10 22\n";
  char temporary[4096];
  char name[4096];
  snprintf(temporary, sizeof temporary, "%s/.durable-write.new", directory);
  snprintf(name, sizeof name, "%s/durable-write", directory);
  unlink(name);
  int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return -1;
  int result = write(descriptor, kContent, sizeof kContent - 1) == sizeof kContent - 1 ? fdatasync(descriptor) : -1;
  close(descriptor);
  if (result != 0) return -1;
  return rename(temporary, name) == 0 ? Flush(directory) : -1;
}
