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
  int pidfd = -1;
  int sockets[2] = {-1, -1};
  int nftables = -1;
  const char* step = "clone";
  int error = ECHILD;
};

bool Open(int type, int* socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kAddress);
  // The child may not have its loopback link up yet.
  const int early = 1;
  *socket = ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return *socket >= 0 && ::setsockopt(*socket, IPPROTO_IP, IP_FREEBIND, &early, sizeof early) == 0 &&
         ::bind(*socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         (type == SOCK_DGRAM || ::listen(*socket, kBacklog) == 0);
}

int OpenInside(void* argument) {
  auto* opening = static_cast<Opening*>(argument);
  opening->step = "join network namespace";
  const bool joined = ::setns(opening->pidfd, CLONE_NEWNET) == 0;
  if (joined) opening->step = "open resolver";
  const bool opened = joined && Open(SOCK_DGRAM, &opening->sockets[0]) && Open(SOCK_STREAM, &opening->sockets[1]);
  if (opened) opening->nftables = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  opening->error = opened && opening->nftables >= 0 ? 0 : errno;
  return 0;
}

Result<std::uint16_t> PortOf(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return Errno("open resolver");
  return ntohs(address.sin_port);
}

}  // namespace

Result<ResolverSockets> OpenResolverInside(int pidfd) {
  Opening opening;
  opening.pidfd = pidfd;
  TSC_TRY(RunVisiting(CLONE_NEWNET, OpenInside, &opening));
  ResolverSockets sockets{UniqueFd(opening.sockets[0]), UniqueFd(opening.sockets[1])};
  UniqueFd nftables(opening.nftables);
  if (opening.error != 0) return Fail(opening.step, opening.error);
  auto firewall = TSC_TRY(NetlinkSocket::Take(std::move(nftables)));
  TSC_TRY(firewall.Send(RedirectDns(TSC_TRY(PortOf(sockets.udp)), TSC_TRY(PortOf(sockets.tcp)))));
  return sockets;
}

}  // namespace tsc
