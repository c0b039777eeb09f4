// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stats_report.h"

#include <time.h>

#include "supervisor/network_usage.h"

namespace tsc {
namespace {

Json Number(const CgroupUsage::Count& value) { return value ? Json(*value) : Json(); }

std::uint64_t MonotonicNs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// What cannot be taken back without harm: all but page cache that was not used lately.
CgroupUsage::Count WorkingSet(const CgroupUsage& usage) {
  if (!usage.memory_bytes || !usage.memory_inactive_bytes) return {};
  return *usage.memory_bytes - std::min(*usage.memory_bytes, *usage.memory_inactive_bytes);
}

Json IoJson(const CgroupUsage& usage) {
  if (!usage.io) return {};
  Json devices = Json::array();
  for (const auto& io : *usage.io) {
    devices.push_back({{"device", io.device},
                       {"readBytes", io.read_bytes},
                       {"writtenBytes", io.written_bytes},
                       {"reads", io.reads},
                       {"writes", io.writes}});
  }
  return devices;
}

Json CountsJson(const LinkCounts& counts) {
  return {{"bytes", counts.bytes}, {"packets", counts.packets}, {"errors", counts.errors}, {"dropped", counts.dropped}};
}

Json NetworkJson(std::optional<pid_t> process) {
  const auto links = process ? ReadNetworkUsage(*process) : std::nullopt;
  if (!links) return {};
  Json interfaces = Json::array();
  for (const auto& link : *links)
    interfaces.push_back({{"name", link.name}, {"received", CountsJson(link.received)}, {"sent", CountsJson(link.sent)}});
  return interfaces;
}

Json ShareJson(const std::optional<PressureShare>& share) {
  if (!share) return {};
  return {{"avg10", share->avg10}, {"avg60", share->avg60}, {"avg300", share->avg300}, {"totalUs", share->total_us}};
}

Json PressureJson(const Cgroup& cgroup) {
  Json all = Json::object();
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto pressure = cgroup.PressureOn(resource);
    if (!pressure.ok()) return {};
    all[resource] = {{"some", ShareJson(pressure->some)}, {"full", ShareJson(pressure->full)}};
  }
  return all;
}

}  // namespace

Result<Json> ReportStats(const std::optional<Cgroup>& cgroup, std::optional<pid_t> network) {
  CgroupUsage usage;
  if (cgroup) usage = TSC_TRY(cgroup->Usage());
  return Json{{"clockNs", MonotonicNs()},
              {"cpuNs", Number(usage.cpu_ns)},
              {"cpuUserNs", Number(usage.cpu_user_ns)},
              {"cpuSystemNs", Number(usage.cpu_system_ns)},
              {"throttledNs", Number(usage.throttled_ns)},
              {"throttledPeriods", Number(usage.throttled_periods)},
              {"memoryBytes", Number(usage.memory_bytes)},
              {"memoryPeakBytes", Number(usage.memory_peak_bytes)},
              {"memoryLimitBytes", Number(usage.memory_limit_bytes)},
              {"workingSetBytes", Number(WorkingSet(usage))},
              {"anonymousBytes", Number(usage.anonymous_bytes)},
              {"fileBytes", Number(usage.file_bytes)},
              {"kernelBytes", Number(usage.kernel_bytes)},
              {"swapBytes", Number(usage.swap_bytes)},
              {"pids", Number(usage.pids)},
              {"pidsLimit", Number(usage.pids_limit)},
              {"oomKills", Number(usage.oom_kills)},
              {"io", IoJson(usage)},
              {"network", NetworkJson(network)},
              {"pressure", cgroup ? PressureJson(*cgroup) : Json()}};
}

}  // namespace tsc
