// SPDX-License-Identifier: Apache-2.0
#include "supervisor/outward_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "core/unique_fd.h"

namespace tsc {

// Asking for a route sends nothing.
std::optional<IpAddress> OutwardAddress() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(0xc6120001);  // 198.18.0.1, which no route but the default one leads to
  socklen_t size = sizeof address;
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  IpAddress own;
  own.family = AF_INET;
  std::memcpy(own.bytes.data(), &address.sin_addr, sizeof address.sin_addr);
  return own;
}

}  // namespace tsc
