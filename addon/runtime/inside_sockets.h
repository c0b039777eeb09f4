// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// One socket of `type` for each address family (AF_INET, AF_INET6) in the network namespace of the process at `pidfd`; they stay in it
// wherever they are used. Non-blocking and not connected. The one of a family that the namespace does not have is empty; it is a failure if
// all are. ESRCH: the process has ended; EPERM may say that it is about to.
Result<std::vector<UniqueFd>> OpenSocketsInside(int pidfd, const std::vector<int>& families, int type = SOCK_STREAM);

// The same, in our own network namespace.
Result<std::vector<UniqueFd>> OpenSockets(const std::vector<int>& families, int type = SOCK_STREAM);

}  // namespace tsc
