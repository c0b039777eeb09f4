// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "network/ip_address.h"

namespace tsc {

// What a packet that was refused wanted: from the first bytes of its headers.
struct RefusedPacket {
  IpAddress source, destination;
  std::uint8_t protocol = 0;  // IPPROTO_…
  std::uint16_t port = 0;     // 0 where the protocol has none
};

// Of a packet that begins with its IP header; nothing where that is cut off.
std::optional<RefusedPacket> ReadRefusedPacket(std::string_view packet);
// "tcp", "icmp", …; the number of what has no name here.
std::string ProtocolText(std::uint8_t protocol);

}  // namespace tsc
