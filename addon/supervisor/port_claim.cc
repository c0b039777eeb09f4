// SPDX-License-Identifier: Apache-2.0
#include "supervisor/port_claim.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network/socket_address.h"

namespace tsc {
namespace {

constexpr int kTries = 5;
constexpr unsigned kPause = 4000;  // microseconds

using Prepare = bool (*)(int socket);

Result<PortClaim> Claim(const PortRequest& port, Prepare prepare) {
  const std::string object = Text(port.host) + " " + std::to_string(port.host_port);
  const int type = port.protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
  PortClaim claim{port, UniqueFd(::socket(port.host.family, type | SOCK_CLOEXEC, port.protocol))};
  if (!claim.socket && errno == EPROTONOSUPPORT && port.host_port != 0) return claim;
  if (!claim.socket) return Errno("publish port", object);
  const int on = 1;
  if (port.host.family == AF_INET6) (void)::setsockopt(claim.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // Of the same user alone.
  if (!port.share.empty() && ::setsockopt(claim.socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    return Errno("publish port", object);
  SocketAddress address = SocketAddressOf(port.host, port.host_port);
  if (!prepare(claim.socket.get())) return Errno("publish port", object);
  if (::bind(claim.socket.get(), address.get(), address.size) != 0) return Errno("publish port", object);
  if (::getsockname(claim.socket.get(), address.get(), &address.size) != 0) return Errno("publish port", object);
  claim.port.host_port = address.port();
  return claim;
}

}  // namespace

Result<PortClaim> ClaimPort(const PortRequest& port) {
  return Claim(port, [](int) { return true; });
}

Result<PortClaim> ClaimListening(const PortRequest& port) {
  const auto reuse = [](int socket) {
    int type = 0;
    socklen_t size = sizeof type;
    const int on = 1;
    if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
    return type == SOCK_DGRAM || ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
  };
  auto claim = Claim(port, reuse);
  // Whoever had the datagrams may still be about to close its copy.
  for (int i = 0; i < kTries && !claim.ok() && claim.failure().error == EADDRINUSE && port.protocol == IPPROTO_UDP; ++i) {
    ::usleep(kPause);
    claim = Claim(port, reuse);
  }
  if (!claim.ok()) return claim;
  ::fcntl(claim->socket.get(), F_SETFL, O_NONBLOCK);
  if (port.protocol == IPPROTO_UDP || ::listen(claim->socket.get(), SOMAXCONN) == 0) return claim;
  return Errno("publish port", Text(port.host) + " " + std::to_string(port.host_port));
}

}  // namespace tsc
