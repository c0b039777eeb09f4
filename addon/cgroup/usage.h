// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace tsc {

// What a container used so far. Nothing: the kernel does not count it here, or the limit is "none".
struct CgroupUsage {
  using Count = std::optional<std::uint64_t>;

  Count cpu_ns, cpu_user_ns, cpu_system_ns;
  Count throttled_periods, throttled_ns;
  Count memory_bytes;           // page cache included
  Count memory_inactive_bytes;  // the part of it that is inactive page cache
  Count memory_peak_bytes;      // 5.19 on v2
  Count memory_limit_bytes;
  Count swap_bytes;
  Count pids, pids_limit;
  Count io_read_bytes, io_write_bytes;  // of block devices; only of containers with io limits
  Count oom_kills;
};

}  // namespace tsc
