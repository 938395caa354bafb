// One sample of what packets cost, seen from the internet:
//
//   packet-client connect  FROM TO PORT SOURCE-PORT COUNT       new TCP connections one after the other, each reset
//   packet-client datagram FROM TO PORT SOURCE-PORT COUNT       new UDP flows one after the other, each asks once
//   packet-client bulk     FROM TO PORT SOURCE-PORT MEBIBYTES   bytes over an established TCP connection
//
// Prints the nanoseconds of one connection, flow, or mebibyte. Each has the source port after that of the one before.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "processors.h"

enum { kMebibyte = 1 << 20 };

static void Fail(const char* what) {
  perror(what);
  exit(2);
}

static struct sockaddr_in Address(const char* address, int port) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, address, &result.sin_addr) != 1) Fail(address);
  return result;
}

// From its own port to where it is sent. Nothing may get lost: a repetition would be measured.
static int Connect(int type, struct sockaddr_in from, const struct sockaddr_in* to) {
  int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) Fail("socket");
  struct timeval patience = {.tv_sec = 2};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  // A port may be left in TIME_WAIT by a bulk transfer.
  int one = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(descriptor, (struct sockaddr*)&from, sizeof from) != 0) Fail("bind");
  if (connect(descriptor, (const struct sockaddr*)to, sizeof *to) != 0) Fail("connect");
  return descriptor;
}

// Without TIME_WAIT on either side.
static void Reset(int descriptor) {
  struct linger linger = {.l_onoff = 1};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close(descriptor);
}

static void Ask(int descriptor) {
  char byte = 'x';
  if (send(descriptor, &byte, 1, 0) != 1) Fail("send");
  if (recv(descriptor, &byte, 1, 0) != 1) Fail("recv");
}

static void SendAll(int descriptor, const char* bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(descriptor, bytes, length, 0);
    if (sent <= 0) Fail("send");
    bytes += sent;
    length -= (size_t)sent;
  }
}

static int64_t Flows(int type, struct sockaddr_in from, const struct sockaddr_in* to, long count) {
  int port = ntohs(from.sin_port);
  int64_t start = Now();
  for (long index = 0; index < count; index++) {
    from.sin_port = htons((uint16_t)(port + index));
    int descriptor = Connect(type, from, to);
    if (type == SOCK_STREAM) {
      Reset(descriptor);
    } else {
      Ask(descriptor);
      close(descriptor);
    }
  }
  return Now() - start;
}

static int64_t Bulk(struct sockaddr_in from, const struct sockaddr_in* to, long mebibytes) {
  static char chunk[kMebibyte];
  int descriptor = Connect(SOCK_STREAM, from, to);
  // The windows of both have grown after this.
  for (int index = 0; index < 8; index++) SendAll(descriptor, chunk, sizeof chunk);
  int64_t start = Now();
  for (long index = 0; index < mebibytes; index++) SendAll(descriptor, chunk, sizeof chunk);
  shutdown(descriptor, SHUT_WR);
  // The server closes when it has read everything.
  if (recv(descriptor, chunk, 1, 0) != 0) Fail("recv");
  int64_t end = Now();
  Reset(descriptor);
  return end - start;
}

int main(int argc, char** argv) {
  if (argc != 7) return fputs("usage: packet-client WHAT FROM TO PORT SOURCE-PORT COUNT\n", stderr), 2;
  bool datagrams = strcmp(argv[1], "datagram") == 0;
  Stay(datagrams ? kServerProcessor : kClientProcessor);
  struct sockaddr_in from = Address(argv[2], atoi(argv[5]));
  struct sockaddr_in to = Address(argv[3], atoi(argv[4]));
  long count = atol(argv[6]);
  int64_t time;
  if (strcmp(argv[1], "connect") == 0) {
    time = Flows(SOCK_STREAM, from, &to, count);
  } else if (datagrams) {
    time = Flows(SOCK_DGRAM, from, &to, count);
  } else {
    time = Bulk(from, &to, count);
  }
  printf("%.1f\n", (double)time / (double)count);
  return 0;
}
