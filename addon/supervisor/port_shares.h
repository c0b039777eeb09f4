// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "supervisor/network_host.h"
#include "supervisor/network_options.h"

namespace tsc {

// Does what changes the record of an endpoint that has these ports, and then to whom the connections of those lead that it shares. One
// process of the run directory at a time: the slots of a port are all said anew.
Status ChangeShares(NetworkHost* host, const std::vector<PublishedPort>& ports, const std::function<Status()>& change);

// Whether others of its share have it already. EADDRINUSE: another share has it.
Result<bool> IsShared(const Host& host, const PortRequest& port);

}  // namespace tsc
