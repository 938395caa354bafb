// The least a transaction costs: bytes that are there already, sent on a socket that is open already, and the kernel's
// acknowledgement read. A resident program, so that its runs alternate with those of what is compared with it.
//
// stdin, one order per line: FILE PAUSE   the file holds batches, each after its length (32 bits, host order);
//                                         PAUSE: microseconds of sleep before each
// stdout, per order: "ready" at first, then one line with the nanoseconds of each batch, separated by spaces.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

enum { kMostBatches = 100000, kAnswerLength = 32768 };

static void Fail(const char* what) {
  perror(what);
  exit(2);
}

static int OpenSocket(void) {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) Fail("socket");
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  if (bind(descriptor, (struct sockaddr*)&self, sizeof self) != 0) Fail("bind");
  int one = 1;
  setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
  setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
  // One send may carry as much as the send buffer holds.
  int size = 64 << 20;
  if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) Fail("SO_SNDBUFFORCE");
  return descriptor;
}

static char* ReadFile(const char* path, size_t* length) {
  FILE* file = fopen(path, "r");
  struct stat status;
  if (file == NULL || fstat(fileno(file), &status) != 0) Fail(path);
  *length = (size_t)status.st_size;
  char* bytes = malloc(*length);
  if (bytes == NULL || fread(bytes, 1, *length, file) != *length) Fail(path);
  fclose(file);
  return bytes;
}

// One batch, from before the send until its acknowledgement was read: nanoseconds.
static int64_t Transact(int descriptor, void* bytes, size_t length) {
  static struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  static char answer[kAnswerLength];
  struct iovec vector = {bytes, length};
  struct msghdr message = {.msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &vector, .msg_iovlen = 1};
  int64_t start = Now();
  if (sendmsg(descriptor, &message, 0) != (ssize_t)length) Fail("sendmsg");
  ssize_t received = recv(descriptor, answer, sizeof answer, 0);
  int64_t end = Now();
  if (received < 0) Fail("recv");
  struct nlmsghdr* header = (struct nlmsghdr*)answer;
  if (!NLMSG_OK(header, received) || header->nlmsg_type != NLMSG_ERROR) {
    fprintf(stderr, "answer of type %u\n", header->nlmsg_type);
    exit(2);
  }
  struct nlmsgerr* error = NLMSG_DATA(header);
  if (error->error != 0) {
    errno = -error->error;
    Fail("the kernel refused the transaction");
  }
  return end - start;
}

static void CarryOut(int descriptor, const char* path, long pause) {
  static int64_t times[kMostBatches];
  size_t length;
  char* bytes = ReadFile(path, &length);
  int count = 0;
  for (size_t offset = 0; offset < length && count < kMostBatches; count++) {
    unsigned size;
    memcpy(&size, bytes + offset, sizeof size);
    offset += sizeof size;
    Pause(pause);
    times[count] = Transact(descriptor, bytes + offset, size);
    offset += size;
  }
  for (int index = 0; index < count; index++) printf("%lld ", (long long)times[index]);
  puts("");
  fflush(stdout);
  free(bytes);
}

int main(void) {
  int descriptor = OpenSocket();
  puts("ready");
  fflush(stdout);
  char path[4096];
  long pause;
  while (scanf("%4095s %ld", path, &pause) == 2) CarryOut(descriptor, path, pause);
  return 0;
}
