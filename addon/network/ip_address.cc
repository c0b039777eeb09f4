// SPDX-License-Identifier: Apache-2.0
#include "network/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace tsc {

bool IpAddress::any() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::loopback() const {
  if (family == AF_INET) return bytes[0] == 127;
  return bytes[15] == 1 && std::all_of(bytes.begin(), bytes.begin() + 15, [](std::uint8_t byte) { return byte == 0; });
}

bool IpPrefix::Contains(const IpAddress& other) const {
  if (other.family != address.family) return false;
  for (unsigned bit = 0; bit < length; bit += 8) {
    const unsigned used = std::min(8U, length - bit);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - used));
    if ((address.bytes[bit / 8] & mask) != (other.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

bool IpPrefix::Overlaps(const IpPrefix& other) const { return length < other.length ? Contains(other.address) : other.Contains(address); }

Result<IpAddress> ParseIpAddress(const std::string& text) {
  IpAddress address;
  address.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (::inet_pton(address.family, text.c_str(), address.bytes.data()) != 1) return Fail("parse address", EINVAL, text);
  return address;
}

Result<IpPrefix> ParseIpPrefix(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return Fail("parse subnet", EINVAL, text);
  const auto address = ParseIpAddress(text.substr(0, slash));
  if (!address.ok()) return Fail("parse subnet", EINVAL, text);
  IpPrefix prefix{*address, 0};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, prefix.length);
  if (error != std::errc() || rest != end || prefix.length > prefix.address.size() * 8) return Fail("parse subnet", EINVAL, text);
  return prefix;
}

std::string Text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(address.family, address.bytes.data(), text, sizeof text);
  return text;
}

std::string Text(const IpPrefix& prefix) { return Text(prefix.address) + "/" + std::to_string(prefix.length); }

Result<MacAddress> ParseMacAddress(const std::string& text) {
  MacAddress mac{};
  bool valid = text.size() == 17;
  for (std::size_t i = 0; valid && i < mac.size(); ++i) {
    const char* const start = text.data() + 3 * i;
    valid = std::from_chars(start, start + 2, mac[i], 16).ptr == start + 2 && (i == 0 || start[-1] == ':');
  }
  const bool group = (mac[0] & 1) != 0;
  if (!valid || group || mac == MacAddress{}) return Fail("parse mac address", EINVAL, text);
  return mac;
}

std::string Text(const MacAddress& mac) {
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  return text;
}

MacAddress MacAddressFor(const IpAddress& address) {
  MacAddress mac{0x02, 0x74};
  std::memcpy(mac.data() + 2, address.bytes.data() + address.size() - 4, 4);
  return mac;
}

IpAddress LinkLocalAddressOf(const MacAddress& mac) {
  IpAddress address{AF_INET6, {0xfe, 0x80}};
  const std::array<std::uint8_t, 8> identifier{static_cast<std::uint8_t>(mac[0] ^ 2), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
  std::copy(identifier.begin(), identifier.end(), address.bytes.begin() + 8);
  return address;
}

}  // namespace tsc
