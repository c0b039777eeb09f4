// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>

#include <set>
#include <string>
#include <vector>

#include "network/dns_message.h"

namespace tsc::dns {

// A query as a resolver sends it; labels are what dots separate, whatever is in them.
inline std::string Question(const std::string& name, std::uint16_t type, std::uint16_t id = 1) {
  std::string packet{static_cast<char>(id >> 8), static_cast<char>(id & 0xff), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (std::size_t start = 0; start < name.size();) {
    const auto end = std::min(name.find('.', start), name.size());
    packet.push_back(static_cast<char>(end - start));
    packet += name.substr(start, end - start);
    start = end + 1;
  }
  packet.push_back('\0');
  for (const std::uint16_t value : {type, std::uint16_t{1}}) {
    packet.push_back(static_cast<char>(value >> 8));
    packet.push_back(static_cast<char>(value & 0xff));
  }
  return packet;
}

inline std::string WithExtension(std::string packet, std::uint16_t size) {
  packet[11] = 1;
  packet += std::string("\0\0\x29", 3);
  packet.push_back(static_cast<char>(size >> 8));
  packet.push_back(static_cast<char>(size & 0xff));
  return packet += std::string(6, '\0');
}

inline Code CodeOf(const std::string& answer) { return static_cast<Code>(answer[3] & 0x0f); }

// Of an answer whose records name the question by a pointer, as ours do.
inline std::vector<std::string> AddressesIn(const std::string& answer) {
  std::vector<std::string> addresses;
  std::size_t at = 12;
  while (answer[at] != 0) at += 1 + static_cast<std::uint8_t>(answer[at]);
  at += 5;
  for (int left = static_cast<std::uint8_t>(answer[6]) << 8 | static_cast<std::uint8_t>(answer[7]); left > 0; --left) {
    const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(answer[at + 11]));
    char text[INET6_ADDRSTRLEN];
    addresses.emplace_back(::inet_ntop(size == 4 ? AF_INET : AF_INET6, answer.data() + at + 12, text, sizeof text));
    at += 12 + size;
  }
  return addresses;
}

}  // namespace tsc::dns
