// SPDX-License-Identifier: Apache-2.0
#include "network/refused_packet.h"

#include <netinet/in.h>

#include <algorithm>

namespace tsc {
namespace {

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40;

struct Name {
  std::uint8_t protocol;
  const char* text;
};
constexpr Name kNames[] = {
    {IPPROTO_TCP, "tcp"}, {IPPROTO_UDP, "udp"}, {IPPROTO_SCTP, "sctp"}, {IPPROTO_ICMP, "icmp"}, {IPPROTO_ICMPV6, "icmpv6"}};

std::uint8_t ByteAt(std::string_view packet, std::size_t at) { return static_cast<std::uint8_t>(packet[at]); }

IpAddress AddressAt(std::string_view packet, int family, std::size_t at) {
  IpAddress address;
  address.family = family;
  std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(at), address.size(), address.bytes.begin());
  return address;
}

bool HasPorts(std::uint8_t protocol) { return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP; }

}  // namespace

std::optional<RefusedPacket> ReadRefusedPacket(std::string_view packet) {
  if (packet.size() < kIpv4Header) return std::nullopt;
  const bool four = ByteAt(packet, 0) >> 4 == 4;
  if (!four && packet.size() < kIpv6Header) return std::nullopt;
  const int family = four ? AF_INET : AF_INET6;
  const std::size_t source = four ? 12 : 8, destination = four ? 16 : 24;
  RefusedPacket refused{AddressAt(packet, family, source), AddressAt(packet, family, destination), ByteAt(packet, four ? 9 : 6), 0};
  const std::size_t ports = four ? std::size_t{ByteAt(packet, 0) & 0x0fU} * 4 : kIpv6Header;
  if (HasPorts(refused.protocol) && packet.size() >= ports + 4) {
    refused.port = static_cast<std::uint16_t>(ByteAt(packet, ports + 2) << 8 | ByteAt(packet, ports + 3));
  }
  return refused;
}

std::string ProtocolText(std::uint8_t protocol) {
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& name) { return name.protocol == protocol; });
  return found == std::end(kNames) ? std::to_string(protocol) : found->text;
}

}  // namespace tsc
