// The nf_tables messages, one table per object (linux/netfilter/nf_tables.h). Names are nft's own.
#pragma once

#include "codec/schema.h"

namespace netlink::nft {

extern const Schema table;
extern const Schema chain;
extern const Schema rule;
extern const Schema set;
extern const Schema element_list;
extern const Schema object;
extern const Schema generation;
extern const Schema batch;

// Parts that several objects share.
extern const Schema expression;
extern const Schema data;  // NFTA_DATA_*: a value or a verdict
extern const Schema counter;
extern const Schema limit;
extern const Schema quota;

// nfgen_family of nfgenmsg, as NFPROTO_* (linux/netfilter.h)
inline constexpr Name families[] = {{"unspec", 0}, {"inet", 1},   {"ip", 2},  {"arp", 3},
                                    {"netdev", 5}, {"bridge", 7}, {"ip6", 10}};
inline constexpr HeaderField header[] = {
    {"family", 0, Kind::u8, families}, {"version", 1, Kind::u8}, {"resource", 2, Kind::be16}};
inline constexpr uint8_t header_size = 4;

// Verdicts of linux/netfilter.h and NFT_* of linux/netfilter/nf_tables.h
inline constexpr Name verdicts[] = {
    {"drop", 0},           {"accept", 1},        {"queue", 3},         {"continue", 0xffffffff},
    {"break", 0xfffffffe}, {"jump", 0xfffffffd}, {"goto", 0xfffffffc}, {"return", 0xfffffffb}};

}  // namespace netlink::nft
