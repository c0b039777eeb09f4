// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "network/ip_address.h"

namespace tsc {

// An address and a port as system calls take them.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::uint16_t port() const;
};

SocketAddress SocketAddressOf(const IpAddress& address, std::uint16_t port);

}  // namespace tsc
