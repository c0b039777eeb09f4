// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "network/ip_address.h"

namespace tsc {

// The host's own one, as those see it who are reached from there; nothing: it is not online.
std::optional<IpAddress> OutwardAddress();

}  // namespace tsc
