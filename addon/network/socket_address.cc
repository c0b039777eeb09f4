// SPDX-License-Identifier: Apache-2.0
#include "network/socket_address.h"

#include <netinet/in.h>

#include <cstring>

namespace tsc {

std::uint16_t SocketAddress::port() const {
  // It stands at the same place in both.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

SocketAddress SocketAddressOf(const IpAddress& address, std::uint16_t port) {
  SocketAddress made;
  made.storage.ss_family = static_cast<sa_family_t>(address.family);
  if (address.family == AF_INET) {
    auto* four = reinterpret_cast<sockaddr_in*>(&made.storage);
    four->sin_port = htons(port);
    std::memcpy(&four->sin_addr, address.bytes.data(), sizeof four->sin_addr);
    made.size = sizeof *four;
  } else {
    auto* six = reinterpret_cast<sockaddr_in6*>(&made.storage);
    six->sin6_port = htons(port);
    std::memcpy(&six->sin6_addr, address.bytes.data(), sizeof six->sin6_addr);
    made.size = sizeof *six;
  }
  return made;
}

}  // namespace tsc
