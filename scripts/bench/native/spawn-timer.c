// Times programs from just before they are started until they are seen to have ended.
//
//   spawn-timer FILE [CLIENTS]   one program per line: microseconds to pause before, program, arguments, separated by
//   NUL prints one line each, in the order of the file: start and end (CLOCK_MONOTONIC, ns), exit code, processor time that
//   it and all it has waited for took (ns)
//
// So many clients run at the same time, 1 when not given: the next program is started when one ends.
//
// A resident process with posix_spawn, because what is measured takes as long as a start through Node's spawn does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

// A program that was started, and how it ended.
struct Run {
  int64_t start;
  int64_t end;
  int code;
  int64_t processor;
};

// One of those that run at the same time.
struct Client {
  pid_t child;
  int line;
  int output;
  posix_spawn_file_actions_t actions;
};

static struct Client* OpenClients(int count) {
  struct Client* clients = calloc((size_t)count, sizeof *clients);
  if (clients == NULL) Fail("calloc");
  for (int index = 0; index < count; index++) {
    clients[index].output = memfd_create("output", MFD_CLOEXEC);
    if (clients[index].output < 0) Fail("memfd_create");
    clients[index].actions = Redirections(clients[index].output);
  }
  return clients;
}

static int64_t Nanoseconds(struct timeval time) { return (time.tv_sec * 1000000LL + time.tv_usec) * 1000; }

// Waits until one of them has ended. Returns it.
static struct Client* AwaitAny(struct Client* clients, int count, struct Run* runs) {
  int status;
  struct rusage used;
  pid_t child = wait4(-1, &status, 0, &used);
  int64_t now = Now();
  if (child < 0) Fail("wait4");
  struct Client* client = clients;
  while (client < clients + count && client->child != child) client++;
  if (client == clients + count) Fail("an unknown child");
  client->child = 0;
  struct Run* run = &runs[client->line];
  run->end = now;
  run->processor = Nanoseconds(used.ru_utime) + Nanoseconds(used.ru_stime);
  run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return client;
}

static void Start(struct Client* client, char** words, struct Run* run) {
  if (ftruncate(client->output, 0) != 0 || lseek(client->output, 0, SEEK_SET) != 0) Fail("output");
  run->start = Now();
  if (posix_spawn(&client->child, words[0], &client->actions, NULL, words, environ) != 0) Fail(words[0]);
}

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return fputs("usage: spawn-timer FILE [CLIENTS]\n", stderr), 2;
  FILE* file = fopen(argv[1], "r");
  if (file == NULL) Fail(argv[1]);
  int count = argc == 3 ? atoi(argv[2]) : 1;
  if (count < 1) Fail(argv[2]);
  struct Client* clients = OpenClients(count);

  struct Run* runs = NULL;
  int lines = 0;
  int running = 0;
  int failed = 0;
  char* line = NULL;
  size_t capacity = 0;
  char* words[kMostWords + 1];
  ssize_t length;
  for (;;) {
    int more = (length = getline(&line, &capacity, file)) > 0;
    // A place for the next one; at the end, all of them.
    while (running > 0 && (running == count || !more)) {
      struct Client* ended = AwaitAny(clients, count, runs);
      running--;
      if (runs[ended->line].code == 0) continue;
      Complain(ended->line + 1, argv[1], runs[ended->line].code, ended->output);
      failed = 1;
    }
    if (!more) break;
    Pause(Words(line, length, words));
    if (words[0] == NULL) continue;
    if (lines % 1024 == 0 && (runs = realloc(runs, (size_t)(lines + 1024) * sizeof *runs)) == NULL) Fail("realloc");
    struct Run* run = &runs[lines++];
    *run = (struct Run){0};
    if (strcmp(words[0], "@durable-write") == 0) {
      run->start = Now();
      if (DurableWrite(words[1]) != 0) Fail(words[1]);
      run->end = Now();
      continue;
    }
    struct Client* client = clients;
    while (client->child != 0) client++;
    client->line = lines - 1;
    Start(client, words, run);
    running++;
  }
  for (int index = 0; index < lines; index++) {
    struct Run run = runs[index];
    printf("%lld %lld %d %lld\n", (long long)run.start, (long long)run.end, run.code, (long long)run.processor);
  }
  return failed;
}
