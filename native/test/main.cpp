// Unit tests of the codec and of the reader of rows:  codec_test [part of a case's name]
#include "test/check.h"

int main(int count, char** arguments) {
  return netlink::test::run_registered(count > 1 ? arguments[1] : "") == 0 ? 0 : 1;
}
