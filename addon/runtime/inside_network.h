// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

struct NetworkSysctl {
  std::string path;  // below /proc/sys/net: "ipv4/ip_forward"
  std::string value;
};

// What we hold of a network namespace that we are not in.
struct InsideNetwork {
  UniqueFd network_namespace;
  UniqueFd netlink;   // NETLINK_ROUTE
  UniqueFd nftables;  // NETLINK_NETFILTER
};

// Enters the network namespace `where` (a pidfd of a process in it, or a descriptor of it; -1: our own), sets these, and opens these
// sockets there. What IPv6 has no file for is left out: then there is no IPv6. ESRCH: the process has ended.
Result<InsideNetwork> EnterNetwork(int where, const std::vector<NetworkSysctl>& sysctls);

// A new network namespace, with its loopback link up.
Result<InsideNetwork> NewNetworkNamespace(const std::vector<NetworkSysctl>& sysctls);

}  // namespace tsc
