// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_network.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <string_view>

#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

struct Visit {
  int where = -1;
  bool make = false;
  std::vector<NetworkSysctl> sysctls;  // with whole paths: the helper allocates nothing
  InsideNetwork found;
  const char* step = "clone";
  const char* object = "helper";
  int error = ECHILD;
};

bool Failed(Visit* visit, const char* step, const char* object) {
  visit->step = step;
  visit->object = object;
  visit->error = errno;
  return false;
}

bool Enter(Visit* visit) {
  if (visit->make && ::unshare(CLONE_NEWNET) != 0) return Failed(visit, "unshare", "network namespace");
  if (visit->where >= 0 && ::setns(visit->where, CLONE_NEWNET) != 0) return Failed(visit, "join network namespace", "");
  return true;
}

bool LoopbackUp(Visit* visit) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = socket >= 0 && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  const int error = errno;
  ::close(socket);
  errno = error;
  return up || Failed(visit, "set link up", "lo");
}

bool WriteSysctl(Visit* visit, const NetworkSysctl& sysctl) {
  const int file = ::open(sysctl.path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT && sysctl.path.find("/ipv6/") != std::string::npos) return true;
  const bool written = file >= 0 && ::write(file, sysctl.value.data(), sysctl.value.size()) == static_cast<ssize_t>(sysctl.value.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  errno = error;
  return written || Failed(visit, "set sysctl", sysctl.path.c_str());
}

bool Hold(Visit* visit) {
  InsideNetwork& found = visit->found;
  found.network_namespace.reset(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!found.network_namespace) return Failed(visit, "open network namespace", "");
  found.netlink.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  found.nftables.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  return (found.netlink && found.nftables) || Failed(visit, "open netlink socket", "");
}

int DoVisit(void* argument) {
  auto* visit = static_cast<Visit*>(argument);
  bool done = Enter(visit) && (!visit->make || LoopbackUp(visit));
  for (const auto& sysctl : visit->sysctls) done = done && WriteSysctl(visit, sysctl);
  if (done && Hold(visit)) visit->error = 0;
  return 0;
}

Result<InsideNetwork> Run(Visit visit) {
  for (auto& sysctl : visit.sysctls) sysctl.path.insert(0, "/proc/sys/net/");
  TSC_TRY(RunVisiting(CLONE_NEWNET, DoVisit, &visit));
  if (visit.error != 0) return Fail(visit.step, visit.error, visit.object);
  return std::move(visit.found);
}

}  // namespace

Result<InsideNetwork> EnterNetwork(int where, const std::vector<NetworkSysctl>& sysctls) {
  Visit visit;
  visit.where = where;
  visit.sysctls = sysctls;
  return Run(std::move(visit));
}

Result<InsideNetwork> NewNetworkNamespace(const std::vector<NetworkSysctl>& sysctls) {
  Visit visit;
  visit.make = true;
  visit.sysctls = sysctls;
  return Run(std::move(visit));
}

}  // namespace tsc
