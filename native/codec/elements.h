// Set elements in packed form: thousands of elements cross the border in a few byte blocks instead of as objects.
//
//   { keyLength, keys, keyEnds?, dataLength?, data?, flags? }
//
//   keyLength   bytes of one key; a concatenation has each field padded to 4 bytes (nf_tables registers)
//   keys        count × keyLength bytes; count follows from the length
//   keyEnds     same shape as keys: the inclusive upper ends of concatenated intervals (NFTA_SET_ELEM_KEY_END)
//   dataLength  bytes of one value of a data map, absent for a set
//   data        count × dataLength bytes
//   flags       one byte per element: NFT_SET_ELEM_* (1 = the exclusive end of a plain interval)
#pragma once

#include "codec/encode.h"

namespace netlink {

// Appends NFTA_LIST_ELEM attributes for every element of the packed block.
bool encode_elements(const Source& source, Handle block, Buffer& buffer, EncodeError& error);

}  // namespace netlink
