// How a program's bytes may differ from ours although both mean the same. A golden message names the differences it
// has; one that is named but not there is a failure too.
#pragma once

#include <array>
#include <cstdint>

namespace netlink::test {

enum Quirk : uint8_t {
  order = 1,       // the attributes come in another order than in the schema's table
  terminator = 2,  // text without its NUL
  numbered = 4,    // the items of a list carry their number as the type
  unknown = 8,     // attributes that have no place in the schema
};
using Quirks = uint8_t;

struct QuirkName {
  const char* text;
  Quirk quirk;
};
inline constexpr std::array<QuirkName, 4> quirk_names{
    {{"order", order}, {"terminator", terminator}, {"numbered", numbered}, {"unknown", unknown}}};

}  // namespace netlink::test
