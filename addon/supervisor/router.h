// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "supervisor/network_host.h"

namespace tsc {

// Lets the host route, where it does not yet: docs/decisions/0023. What is changed is recorded first. For IPv4, or for both.
Status BecomeRouter(NetworkHost* network, bool ipv6);
// Takes back what nobody has changed since.
void CeaseRouting(const NetworkHost& network);

}  // namespace tsc
