// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsc {

struct LinkCounts {
  std::uint64_t bytes = 0, packets = 0, errors = 0, dropped = 0;
};

struct LinkUsage {
  std::string name;
  LinkCounts received, sent;
};

// Pure: /proc/net/dev.
std::vector<LinkUsage> ParseNetDev(std::string_view text);

// The interfaces in the network namespace of a child that nobody has waited for yet, so that its number is nobody else's. Nothing once it
// has ended.
std::optional<std::vector<LinkUsage>> ReadNetworkUsage(pid_t pid);

}  // namespace tsc
