// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "cgroup/limits.h"

namespace tsc {
namespace {

// "unlimited" can be promised without a controller.
bool Limits(const std::optional<std::int64_t>& limit) { return limit && *limit >= 0; }

bool NeedsMemory(const CgroupResources& r) {
  const bool limited = Limits(r.memory_limit) || Limits(r.memory_swap) || Limits(r.memory_reservation) || Limits(r.memory_kernel_tcp);
  return limited || r.memory_swappiness || r.disable_oom_killer;
}

bool NeedsCpu(const CgroupResources& r) { return r.cpu_shares || Limits(r.cpu_quota) || r.cpu_burst || r.cpu_idle; }

ControllerSet UnifiedControllers(const CgroupResources& resources) {
  ControllerSet set = 0;
  for (const auto& [key, value] : resources.unified) {
    for (const auto& known : kControllerNames) {
      if (!known.v2.empty() && key.substr(0, key.find('.')) == known.v2) set |= known.bit;
    }
  }
  return set;
}

Status CheckVersion(const CgroupBase& base, const CgroupResources& r) {
  if (base.version == CgroupVersion::kV2) {
    if (Limits(r.memory_kernel_tcp)) return Fail("cgroup limit", ENOTSUP, "kernelTCP");
    if (r.memory_swappiness) return Fail("cgroup limit", ENOTSUP, "swappiness");
    if (r.disable_oom_killer) return Fail("cgroup limit", ENOTSUP, "disableOOMKiller");
    return {};
  }
  if (!r.unified.empty()) return Fail("cgroup limit", ENOTSUP, "unified");
  return {};
}

}  // namespace

std::int64_t MemoryInUse(std::string_view usage, std::string_view stat, const std::string& prefix) {
  const auto number = [](std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  std::int64_t used = number(usage);
  for (const char* list : {"inactive_file ", "active_file "}) {
    const std::string key = "\n" + prefix + list;
    if (const auto at = stat.find(key); at != std::string_view::npos) used -= number(stat.substr(at + key.size()));
  }
  return used;
}

ControllerSet NeededControllers(const CgroupResources& r) {
  ControllerSet set = UnifiedControllers(r);
  if (NeedsMemory(r)) set |= kMemory;
  if (NeedsCpu(r)) set |= kCpu;
  if (r.cpuset_cpus || r.cpuset_mems) set |= kCpuset;
  if (Limits(r.pids_limit)) set |= kPids;
  if (r.io.limits() || r.io.weights()) set |= kIo;
  return set;
}

Status CheckLimits(const CgroupBase& base, const CgroupResources& resources) {
  TSC_TRY(CheckVersion(base, resources));
  const ControllerSet missing = NeededControllers(resources) & ~base.usable;
  for (const auto& known : kControllerNames) {
    if (missing & known.bit) return Fail("cgroup limit", ENOTSUP, std::string(known.v2));
  }
  if (Limits(resources.memory_swap) && !base.has_swap) return Fail("cgroup limit", ENOTSUP, "memory+swap");
  return {};
}

}  // namespace tsc
