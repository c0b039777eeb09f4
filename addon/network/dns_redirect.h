// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "network/netlink_message.h"

namespace tsc {

// Rules for a container's network namespace: what its programs send to port 53 of 127.0.0.11 goes to these ports of that address. A socket
// on port 53 itself would keep the container's own name server from having that port of all its addresses.
std::vector<NetlinkMessage> RedirectDns(std::uint16_t udp_port, std::uint16_t tcp_port);

}  // namespace tsc
