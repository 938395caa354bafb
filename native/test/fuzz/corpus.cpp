// fuzz_corpus DIRECTORY: writes every golden message as a fuzzer's input.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "test/golden.h"
#include "test/messages.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "fuzz_corpus DIRECTORY\n";
    return 2;
  }
  const std::filesystem::path directory = arguments[1];
  std::filesystem::create_directories(directory);
  const auto messages = netlink::test::all_messages();
  for (const auto& golden : netlink::test::all_golden()) {
    const auto* type = netlink::message_type(std::string_view(golden.message));
    const auto place = std::find(messages.begin(), messages.end(), type) - messages.begin();
    std::ofstream file(directory / golden.place, std::ios::binary);
    file.put(static_cast<char>(place));
    file.write(reinterpret_cast<const char*>(golden.bytes.data()), static_cast<std::streamsize>(golden.bytes.size()));
  }
  return 0;
}
