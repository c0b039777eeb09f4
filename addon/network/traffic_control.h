// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "network/netlink_socket.h"

// What a link does with what it sends: how fast it goes out, and what becomes of it on a bad line. Both are gone with the link.
namespace tsc {

// A share is one of 2^32-1.
struct Impairment {
  std::uint64_t delay_ns = 0, jitter_ns = 0;
  std::uint32_t loss = 0, duplicate = 0, corrupt = 0, reorder = 0;
  bool any() const { return delay_ns != 0 || jitter_ns != 0 || loss != 0 || duplicate != 0 || corrupt != 0 || reorder != 0; }
};

struct TrafficControl {
  std::uint64_t rate = 0;  // bytes a second; 0: as fast as it can
  Impairment impairment;
};

// In the place of what was there. ENOENT: this kernel does not know how (sch_tbf, sch_netem).
Status ControlTraffic(NetlinkSocket* socket, int link, const TrafficControl& control);

}  // namespace tsc
