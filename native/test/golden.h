// Golden messages: what ip, nft and conntrack really send, beside the tree we mean by it.
//
// The files in golden/ are read by this, and written anew from the programs by capture/capture.py:
//
//   # a comment
//   setup: a shell command that is not captured (only for capture.py)
//   $ the command whose messages follow
//   > message name                       the command's next message of that name
//     ! quirk: why                       at most one line of each Quirk
//     | 28 00 00 00  …                   its bytes, nlmsg_seq as 0
//     { family: 'inet', … }              what it decodes to, on any number of lines
#pragma once

#include <string>
#include <vector>

#include "codec/schema.h"
#include "test/quirk.h"

namespace netlink::test {

struct Golden {
  std::string place;    // file:line
  std::string command;  // that sent it
  std::string message;  // name
  Quirks quirks;
  std::vector<uint8_t> bytes;
  std::string tree;
};

// All of them. Problems of a file are reported as failures of the running case.
std::vector<Golden> all_golden();

}  // namespace netlink::test
