// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tsc {

// An address of either family, in the order of the network.
struct IpAddress {
  int family = AF_INET;
  std::array<std::uint8_t, 16> bytes{};

  std::size_t size() const { return family == AF_INET ? 4 : 16; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size()}; }
  // 0.0.0.0 or ::
  bool any() const;
  bool loopback() const;
  bool operator==(const IpAddress&) const = default;
};

// An address and how many of its bits name the network: "10.1.2.3/24".
struct IpPrefix {
  IpAddress address;
  unsigned length = 0;

  bool Contains(const IpAddress& other) const;
  bool Overlaps(const IpPrefix& other) const;
  bool operator==(const IpPrefix&) const = default;
};

using MacAddress = std::array<std::uint8_t, 6>;

// EINVAL for anything that is not exactly one address, or prefix.
Result<IpAddress> ParseIpAddress(const std::string& text);
Result<IpPrefix> ParseIpPrefix(const std::string& text);
std::string Text(const IpAddress& address);
std::string Text(const IpPrefix& prefix);

// "02:74:0a:00:00:02"; one of a single host, not all zero.
Result<MacAddress> ParseMacAddress(const std::string& text);
std::string Text(const MacAddress& mac);
// The one for an address: who keeps its address keeps its place in the caches of its neighbours.
MacAddress MacAddressFor(const IpAddress& address);
// What the kernel makes of it without being asked (EUI-64, RFC 4291).
IpAddress LinkLocalAddressOf(const MacAddress& mac);

}  // namespace tsc
