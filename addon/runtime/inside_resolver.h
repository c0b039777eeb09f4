// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Sockets at which a container's programs ask for names: what they send to port 53 of 127.0.0.11.
struct ResolverSockets {
  UniqueFd udp, tcp;  // the second one listens
};

// Makes them in the network namespace of the process at `pidfd`. ESRCH: it has ended.
Result<ResolverSockets> OpenResolverInside(int pidfd);

}  // namespace tsc
