#include "kernel/gratuitous_arp.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kernel/file_descriptor.h"

namespace kernel {

namespace {

constexpr HardwareAddress broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// ARP for IPv4 over Ethernet (RFC 826), behind its Ethernet header.
struct __attribute__((packed)) Frame {
  HardwareAddress destination;
  HardwareAddress source;
  uint16_t ether_type;
  uint16_t hardware_type;
  uint16_t protocol_type;
  uint8_t hardware_length;
  uint8_t protocol_length;
  uint16_t operation;
  HardwareAddress sender_hardware;
  InternetAddress sender;
  HardwareAddress target_hardware;
  InternetAddress target;
};
static_assert(sizeof(Frame) == 42);

Failure read_hardware_address(int socket, int interface, HardwareAddress& address) {
  ifreq request{};
  request.ifr_ifindex = interface;
  if (ioctl(socket, SIOCGIFNAME, &request) != 0) return {errno == ENODEV ? ENXIO : errno, "ioctl"};
  if (ioctl(socket, SIOCGIFHWADDR, &request) != 0) return {errno, "ioctl", request.ifr_name};
  if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) return {EAFNOSUPPORT, "ioctl", request.ifr_name};
  std::copy_n(reinterpret_cast<const uint8_t*>(request.ifr_hwaddr.sa_data), address.size(), address.begin());
  return {};
}

Failure send_frame(int socket, const Announcement& announcement, const HardwareAddress& hardware, uint16_t operation) {
  const bool reply = operation == ARPOP_REPLY;
  const Frame frame{
      .destination = broadcast,
      .source = hardware,
      .ether_type = htons(ETH_P_ARP),
      .hardware_type = htons(ARPHRD_ETHER),
      .protocol_type = htons(ETH_P_IP),
      .hardware_length = sizeof(HardwareAddress),
      .protocol_length = sizeof(InternetAddress),
      .operation = htons(operation),
      .sender_hardware = hardware,
      .sender = announcement.address,
      .target_hardware = reply ? hardware : HardwareAddress{},
      .target = announcement.address,
  };
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_ARP);
  to.sll_ifindex = announcement.interface;
  to.sll_halen = broadcast.size();
  std::copy(broadcast.begin(), broadcast.end(), to.sll_addr);
  if (sendto(socket, &frame, sizeof frame, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) {
    return {errno, "sendto"};
  }
  return {};
}

Failure announce(int socket, const Announcement& announcement) {
  HardwareAddress hardware{};
  if (announcement.hardware_address) {
    hardware = *announcement.hardware_address;
  } else if (Failure failure = read_hardware_address(socket, announcement.interface, hardware)) {
    return failure;
  }
  if (announcement.form != Announcement::Form::reply) {
    if (Failure failure = send_frame(socket, announcement, hardware, ARPOP_REQUEST)) return failure;
  }
  if (announcement.form != Announcement::Form::request) return send_frame(socket, announcement, hardware, ARPOP_REPLY);
  return {};
}

}  // namespace

Failure announce_addresses(const NamespaceReference& where, const std::vector<Announcement>& announcements,
                           std::vector<AnnouncementFailure>& failures, Thread& thread) {
  FileDescriptor packets;
  {
    NamespaceVisit visit;
    if (Failure failure = visit.enter(where)) return failure;
    // Protocol 0: this socket never receives.
    packets = FileDescriptor(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    const int error = errno;
    thread = visit.leave();
    if (!packets.open()) return {error, "socket", where.path};
  }
  for (size_t index = 0; index < announcements.size(); ++index) {
    if (Failure failure = announce(packets.number(), announcements[index])) failures.push_back({index, failure});
  }
  return {};
}

}  // namespace kernel
