// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/unique_fd.h"
#include "supervisor/network_options.h"

namespace tsc {

// A port of the host that nobody else can have: a socket that is bound to it, and does nothing. What arrives there is translated before any
// socket sees it. Of the protocols that this kernel has no sockets for there is none, and nobody to take the port either. One
// that is shared can be claimed by the others of its share, too.
struct PortClaim {
  PortRequest port;  // its host_port is the one it got
  UniqueFd socket;
};

// EADDRINUSE: somebody has it. EADDRNOTAVAIL: that is no address of this host.
Result<PortClaim> ClaimPort(const PortRequest& port);
// The same for a port whose connections we take: it listens, and can be had again right after it was given back.
Result<PortClaim> ClaimListening(const PortRequest& port);

}  // namespace tsc
