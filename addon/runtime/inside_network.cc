// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_network.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/paths.h"
#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

Status LoopbackUp() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return Errno("set link up", "lo");
  return {};
}

Status WriteSysctl(const NetworkSysctl& sysctl) {
  const std::string path = "/proc/sys/net/" + sysctl.path;
  const auto written = WriteFileAt(AT_FDCWD, path.c_str(), sysctl.value);
  const bool no_ipv6 = !written.ok() && written.failure().error == ENOENT && path.find("/ipv6/") != std::string::npos;
  return written.ok() || no_ipv6 ? Status{} : Status(Fail("set sysctl", written.failure().error, path));
}

Result<InsideNetwork> Hold(const std::vector<NetworkSysctl>& sysctls) {
  for (const auto& sysctl : sysctls) TSC_TRY(WriteSysctl(sysctl));
  InsideNetwork found;
  found.network_namespace.reset(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!found.network_namespace) return Errno("open network namespace");
  found.netlink.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  found.nftables.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!found.netlink || !found.nftables) return Errno("open netlink socket");
  return found;
}

}  // namespace

Result<InsideNetwork> EnterNetwork(int where, const std::vector<NetworkSysctl>& sysctls) {
  if (where < 0) return Hold(sysctls);
  const NamespaceVisit visit(where, CLONE_NEWNET);
  if (visit.error() != 0) return Fail("join network namespace", visit.error());
  return Hold(sysctls);
}

Result<InsideNetwork> NewNetworkNamespace(const std::vector<NetworkSysctl>& sysctls) {
  const NamespaceVisit visit(-1, CLONE_NEWNET);
  if (visit.error() != 0) return Fail("unshare", visit.error(), "network namespace");
  TSC_TRY(LoopbackUp());
  return Hold(sysctls);
}

}  // namespace tsc
