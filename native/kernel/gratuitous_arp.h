// Tells the neighbours of an interface where an address now lives (RFC 826, RFC 5227 section 3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernel/failure.h"
#include "kernel/hardware_address.h"
#include "kernel/namespace_visit.h"

namespace kernel {

using InternetAddress = std::array<uint8_t, 4>;

struct Announcement {
  enum class Form : uint8_t {
    request,  // sender and target are the address, target hardware address zero: what RFC 5227 calls an ARP
              // announcement
    reply,    // the same as an unsolicited reply, for neighbours that ignore requests
    both,
  };

  int interface = 0;  // index, in the namespace
  InternetAddress address{};
  std::optional<HardwareAddress> hardware_address;  // none = the interface's own
  Form form = Form::request;
};

struct AnnouncementFailure {
  size_t index = 0;  // which one of the list
  Failure failure;
};

// Sends each announcement once, as a broadcast; repeating it is the caller's. One that fails (ENXIO: no such interface,
// ENETDOWN: the interface is down, EAFNOSUPPORT: no Ethernet) does not stop the others. Returns what kept all from
// being sent.
Failure announce_addresses(const NamespaceReference& where, const std::vector<Announcement>& announcements,
                           std::vector<AnnouncementFailure>& failures, Thread& thread);

}  // namespace kernel
