// Times programs from just before they are started until they are seen to have ended.
//
//   spawn-timer FILE      one program per line: microseconds to pause before, program, arguments, separated by NUL
//   prints one line each: start and end (CLOCK_MONOTONIC, ns), exit code
//
// A resident process with posix_spawn, because what is measured takes as long as a start through Node's spawn does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "durable-write.h"

enum { kMostWords = 256 };

extern char** environ;

static void Fail(const char* what) {
  perror(what);
  exit(2);
}

// stdin is empty, stdout and stderr are kept in memory: neither a terminal nor a slow reader is measured.
static posix_spawn_file_actions_t Redirections(int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  return actions;
}

static void Complain(int line, const char* program, int code, int output) {
  char text[4096];
  ssize_t length = pread(output, text, sizeof text - 1, 0);
  text[length < 0 ? 0 : length] = 0;
  fprintf(stderr, "line %d: %s: exit %d: %s\n", line, program, code, text);
}

// The words of a line, ended by NULL. Returns the pause.
static long Words(char* line, ssize_t length, char** words) {
  char* end = line + length;
  if (length > 0 && end[-1] == '\n') *--end = 0;
  long pause = strtol(line, NULL, 10);
  int count = 0;
  for (char* word = line + strlen(line) + 1; word <= end && count < kMostWords; word += strlen(word) + 1) {
    words[count++] = word;
  }
  words[count] = NULL;
  return pause;
}

int main(int argc, char** argv) {
  if (argc != 2) return fputs("usage: spawn-timer FILE\n", stderr), 2;
  FILE* file = fopen(argv[1], "r");
  if (file == NULL) Fail(argv[1]);
  int output = memfd_create("output", MFD_CLOEXEC);
  if (output < 0) Fail("memfd_create");
  posix_spawn_file_actions_t actions = Redirections(output);

  char* line = NULL;
  size_t capacity = 0;
  char* words[kMostWords + 1];
  int failed = 0;
  ssize_t length;
  for (int number = 1; (length = getline(&line, &capacity, file)) > 0; number++) {
    Pause(Words(line, length, words));
    if (words[0] == NULL) continue;
    if (ftruncate(output, 0) != 0 || lseek(output, 0, SEEK_SET) != 0) Fail("output");
    int code = 0;
    int64_t start;
    int64_t end;
    if (strcmp(words[0], "@durable-write") == 0) {
      start = Now();
      if (DurableWrite(words[1]) != 0) Fail(words[1]);
      end = Now();
    } else {
      pid_t child;
      int status;
      start = Now();
      if (posix_spawn(&child, words[0], &actions, NULL, words, environ) != 0) Fail(words[0]);
      if (waitpid(child, &status, 0) < 0) Fail("waitpid");
      end = Now();
      code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    printf("%lld %lld %d\n", (long long)start, (long long)end, code);
    if (code != 0) {
      Complain(number, words[1] == NULL ? words[0] : words[1], code, output);
      failed = 1;
    }
  }
  return failed;
}
