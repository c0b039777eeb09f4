// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace tsc {

struct DeviceRate {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint64_t rate = 0;  // bytes or operations a second; 0 lifts the limit
};

struct DeviceRule {
  bool allow = false;
  char type = 'a';                    // 'a' all, 'b' block, 'c' character
  std::optional<std::int64_t> major;  // nothing: all
  std::optional<std::int64_t> minor;
  std::string access;  // of "rwm"; empty: all
};

struct IoResources {
  std::optional<std::uint16_t> weight;  // 10 to 1000, as the OCI spec (and v1) has it
  std::vector<DeviceRate> weight_device;
  std::vector<DeviceRate> read_bps;
  std::vector<DeviceRate> write_bps;
  std::vector<DeviceRate> read_iops;
  std::vector<DeviceRate> write_iops;

  bool limits() const { return !read_bps.empty() || !write_bps.empty() || !read_iops.empty() || !write_iops.empty(); }
  bool weights() const { return weight || !weight_device.empty(); }
};

// What the OCI runtime spec calls linux.resources. Sizes in bytes, times in microseconds; -1 means unlimited where the type is signed.
struct CgroupResources {
  std::optional<std::int64_t> memory_limit;
  std::optional<std::int64_t> memory_swap;  // memory and swap together
  std::optional<std::int64_t> memory_reservation;
  std::optional<std::int64_t> memory_kernel_tcp;   // v1 only
  std::optional<std::uint64_t> memory_swappiness;  // v1 only
  bool disable_oom_killer = false;                 // v1 only
  bool check_before_update = false;                // refuse a memory limit below what is in use

  std::optional<std::uint64_t> cpu_shares;
  std::optional<std::int64_t> cpu_quota;
  std::optional<std::uint64_t> cpu_period;
  std::optional<std::uint64_t> cpu_burst;
  std::optional<std::int64_t> cpu_idle;

  std::optional<std::string> cpuset_cpus;
  std::optional<std::string> cpuset_mems;
  std::optional<std::int64_t> pids_limit;
  IoResources io;
  // v1 writes them to the devices controller. v2 ignores them by design: device control there needs eBPF, and what
  // keeps a container from a device is that it has no node for it and cannot make one (visibility only).
  std::vector<DeviceRule> devices;
  std::map<std::string, std::string> unified;  // v2 only: file name to content
};

// Reads linux.resources of the OCI runtime spec 1.2 (config-linux.md, "Control groups"). A zero that the spec's Go types cannot tell from
// "not set" counts as not set, as in runc. EINVAL names the member that has a wrong type or value; ENOTSUP one this engine cannot honour.
Result<CgroupResources> ParseResources(const nlohmann::json& resources);

}  // namespace tsc
