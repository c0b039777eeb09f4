// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "network/ip_address.h"
#include "network/netlink_socket.h"

namespace tsc {

struct Route {
  IpPrefix destination;  // length 0: everything
  std::optional<IpAddress> gateway;
  int link = 0;  // the index of where it leads
};

// The address of a link, and with its length what is reached there. At once: nobody is asked whether it is in use.
NetlinkMessage NewAddress(int link, const IpPrefix& address);
NetlinkMessage NewDefaultRoute(int link, const IpAddress& gateway);
// All of the main table, of both families: what a new subnet must not overlap.
Result<std::vector<Route>> ListRoutes(NetlinkSocket* socket);

}  // namespace tsc
