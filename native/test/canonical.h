// Messages that mean the same become the same bytes.
#pragma once

#include <vector>

#include "codec/schema.h"
#include "codec/tree.h"
#include "test/quirk.h"

namespace netlink::test {

// `message` with the named quirks taken away, and with nothing else changed.
std::vector<uint8_t> canonical(const MessageType& type, Bytes message, Quirks quirks);

}  // namespace netlink::test
