// A guest of the benchmark: takes every connection and reads what comes until it ends; sends every datagram back.
//
//   packet-server PORT…    listens on these ports, TCP and UDP, and returns; a process of its own goes on serving
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "processors.h"

enum { kMostEvents = 256, kChunk = 1 << 20, kBacklog = 4096 };
enum Kind { kListener, kConnection, kDatagrams };

static void Fail(const char* what) {
  perror(what);
  exit(2);
}

static void Watch(int poll, int descriptor, enum Kind kind) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | (uint32_t)descriptor};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) Fail("epoll_ctl");
}

static void Open(int poll, int port, int type) {
  int descriptor = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (descriptor < 0 || bind(descriptor, (struct sockaddr*)&address, sizeof address) != 0) Fail("bind");
  if (type == SOCK_STREAM && listen(descriptor, kBacklog) != 0) Fail("listen");
  Watch(poll, descriptor, type == SOCK_STREAM ? kListener : kDatagrams);
}

static void TakeConnections(int poll, int listener) {
  int descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    Watch(poll, descriptor, kConnection);
  }
}

static void SendBack(int descriptor) {
  char datagram[2048];
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  ssize_t length;
  while ((length = recvfrom(descriptor, datagram, sizeof datagram, 0, (struct sockaddr*)&peer, &size)) >= 0) {
    sendto(descriptor, datagram, (size_t)length, 0, (struct sockaddr*)&peer, size);
    size = sizeof peer;
  }
}

static void Serve(int poll) {
  static char chunk[kChunk];
  struct epoll_event events[kMostEvents];
  for (;;) {
    int count = epoll_wait(poll, events, kMostEvents, -1);
    for (int index = 0; index < count; index++) {
      int descriptor = (int)(uint32_t)events[index].data.u64;
      switch ((enum Kind)(events[index].data.u64 >> 32)) {
        case kListener:
          TakeConnections(poll, descriptor);
          break;
        case kConnection:
          // The end, or a reset: the peer is done. More to read comes back with the next event.
          if (recv(descriptor, chunk, sizeof chunk, 0) <= 0) close(descriptor);
          break;
        case kDatagrams:
          SendBack(descriptor);
          break;
      }
    }
  }
}

int main(int argc, char** argv) {
  int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) Fail("epoll_create1");
  for (int index = 1; index < argc; index++) {
    Open(poll, atoi(argv[index]), SOCK_STREAM);
    Open(poll, atoi(argv[index]), SOCK_DGRAM);
  }
  Stay(kServerProcessor);
  if (daemon(0, 0) != 0) Fail("daemon");
  Serve(poll);
}
