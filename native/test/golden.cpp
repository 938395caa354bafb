#include "test/golden.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "test/check.h"
#include "test/hex.h"

namespace netlink::test {
namespace {

Quirks quirk_of(const std::string& line, const std::string& place) {
  for (const QuirkName& name : quirk_names) {
    if (line.starts_with(std::string("  ! ") + name.text + ": ")) return name.quirk;
  }
  report(__FILE__, __LINE__, place + ": no quirk: " + line);
  return 0;
}

void read(const std::filesystem::path& path, std::vector<Golden>& result) {
  std::ifstream file(path);
  std::string command;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    number++;
    const std::string place = path.filename().string() + ":" + std::to_string(number);
    if (line.starts_with("$ ")) {
      command = line.substr(2);
    } else if (line.starts_with("> ")) {
      result.push_back({place, command, line.substr(2), 0, {}, {}});
    } else if (line.starts_with("  ") && !result.empty()) {
      Golden& golden = result.back();
      if (line.starts_with("  ! ")) {
        golden.quirks |= quirk_of(line, place);
      } else if (line.starts_with("  | ")) {
        const std::vector<uint8_t> row = from_hex(line.substr(4));
        golden.bytes.insert(golden.bytes.end(), row.begin(), row.end());
      } else {
        golden.tree += line + "\n";
      }
    } else if (!line.empty() && !line.starts_with("#") && !line.starts_with("setup: ")) {
      report(__FILE__, __LINE__, std::string(place).append(": not understood: ").append(line));
    }
  }
}

}  // namespace

std::vector<Golden> all_golden() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(GOLDEN_DIRECTORY)) {
    if (entry.path().extension() == ".golden") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Golden> result;
  for (const auto& path : paths) read(path, result);
  return result;
}

}  // namespace netlink::test
