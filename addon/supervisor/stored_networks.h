// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "supervisor/host.h"
#include "supervisor/network_options.h"

namespace tsc {

// A network as the store has it (`networks/<name>/network.json`), which outlives boots: what `network.ensure` would be asked for.
std::optional<NetworkDefinition> FindStoredNetwork(const Host& host, const std::string& id);

}  // namespace tsc
