// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// How much of the time something waited for a resource (accounting/psi.rst).
struct PressureShare {
  double avg10 = 0, avg60 = 0, avg300 = 0;  // percent of the last 10, 60 and 300 seconds
  std::uint64_t total_us = 0;
};

struct Pressure {
  std::optional<PressureShare> some;  // at least one task waited
  std::optional<PressureShare> full;  // all did that were not idle
};

Pressure ParsePressure(std::string_view text);

// Tells when tasks were stalled for that long within a window. The kernel tells of one no more than once a window.
struct PressureTrigger {
  std::string resource;  // "cpu", "memory", "io"
  bool full = false;
  std::uint64_t stall_us = 0;
  std::uint64_t window_us = 0;  // 500,000 to 10,000,000; without CAP_SYS_RESOURCE whole multiples of 2,000,000
};

}  // namespace tsc
