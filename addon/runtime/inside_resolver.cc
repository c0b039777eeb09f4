// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_resolver.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "network/dns_redirect.h"
#include "network/netlink_socket.h"
#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

constexpr std::uint32_t kAddress = 0x7f00000b;  // 127.0.0.11
constexpr int kBacklog = 64;

struct Opening {
  ResolverSockets sockets;
  UniqueFd nftables;
};

Result<UniqueFd> Open(int type) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kAddress);
  // The child may not have its loopback link up yet.
  const int early = 1;
  UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool open = socket && ::setsockopt(socket.get(), IPPROTO_IP, IP_FREEBIND, &early, sizeof early) == 0 &&
                    ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                    (type == SOCK_DGRAM || ::listen(socket.get(), kBacklog) == 0);
  if (!open) return Errno("open resolver");
  return socket;
}

Result<Opening> OpenInside(int pidfd) {
  const NamespaceVisit visit(pidfd, CLONE_NEWNET);
  if (visit.error() != 0) return Fail("join network namespace", visit.error());
  Opening opening;
  opening.sockets = {TSC_TRY(Open(SOCK_DGRAM)), TSC_TRY(Open(SOCK_STREAM))};
  opening.nftables.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!opening.nftables) return Errno("open resolver");
  return opening;
}

Result<std::uint16_t> PortOf(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return Errno("open resolver");
  return ntohs(address.sin_port);
}

}  // namespace

Result<ResolverSockets> OpenResolverInside(int pidfd) {
  auto opened = TSC_TRY(OpenInside(pidfd));
  const auto& sockets = opened.sockets;
  auto firewall = TSC_TRY(NetlinkSocket::Take(std::move(opened.nftables)));
  TSC_TRY(firewall.Send(RedirectDns(TSC_TRY(PortOf(sockets.udp)), TSC_TRY(PortOf(sockets.tcp)))));
  return std::move(opened.sockets);
}

}  // namespace tsc
