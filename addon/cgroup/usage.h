// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsc {

// What went to and from one block device.
struct DeviceIo {
  std::string device;  // "254:0"
  std::uint64_t read_bytes = 0, written_bytes = 0;
  std::uint64_t reads = 0, writes = 0;  // operations
};

// Pure: the text of io.stat (v2), or of blkio.throttle.io_service_bytes_recursive and io_serviced_recursive.
std::vector<DeviceIo> ParseIoV2(std::string_view stat);
std::vector<DeviceIo> ParseIoV1(std::string_view bytes, std::string_view operations);

// What a container used so far. Nothing: the kernel does not count it here, or the limit is "none".
struct CgroupUsage {
  using Count = std::optional<std::uint64_t>;

  Count cpu_ns, cpu_user_ns, cpu_system_ns;
  Count throttled_periods, throttled_ns;
  Count memory_bytes;           // page cache included
  Count memory_inactive_bytes;  // the part of it that is inactive page cache
  Count memory_peak_bytes;      // 5.19 on v2
  Count memory_limit_bytes;
  Count anonymous_bytes, file_bytes, kernel_bytes;  // parts of memory_bytes; kernel memory of v2 only since 5.18
  Count swap_bytes;
  Count pids, pids_limit;
  std::optional<std::vector<DeviceIo>> io;  // v1: since Cgroup::EnterIo, and without what the kernel wrote back later
  Count oom_kills;
};

}  // namespace tsc
