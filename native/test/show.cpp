// Prints messages as literal trees.
//   codec_show          reads lines `<message name> <hex>` and prints each message's tree, then a line with a dot
//   codec_show --types  lists the messages: name and number
#include <cstdio>
#include <iostream>
#include <sstream>

#include "codec/decode.h"
#include "test/hex.h"
#include "test/messages.h"
#include "test/tree.h"

int main(int count, char** arguments) {
  using netlink::test::Tree;
  if (count > 1 && std::string_view(arguments[1]) == "--types") {
    for (const netlink::MessageType* type : netlink::test::all_messages())
      std::printf("%s %u\n", type->name, type->type);
    return 0;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string name;
    std::string hex;
    words >> name >> hex;
    const netlink::MessageType* type = netlink::message_type(std::string_view(name));
    if (type == nullptr) {
      std::fprintf(stderr, "unknown message '%s'\n", name.c_str());
      return 1;
    }
    Tree tree;
    std::cout << netlink::test::print(netlink::decode_message(*type, netlink::test::from_hex(hex), tree)) << "\n.\n";
  }
  return 0;
}
