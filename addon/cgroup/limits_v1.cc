// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "cgroup/limits.h"
#include "core/paths.h"

namespace tsc {
namespace {

// The attributes of one container in one hierarchy.
class Attributes {
 public:
  Attributes(CgroupBase* base, ControllerSet controller, const std::string& name) : name_(name) {
    if (const Hierarchy* found = base->Find(controller)) dir_ = found->base.get();
  }
  explicit operator bool() const { return dir_ >= 0; }

  Status Write(const std::string& file, const std::string& value) const {
    const auto wrote = WriteFileAt(dir_, (name_ + "/" + file).c_str(), value);
    return wrote ? Status{} : Status(Fail("cgroup limit", wrote.failure().error, file));
  }
  Result<std::string> Read(const std::string& file) const { return ReadFileAt(dir_, (name_ + "/" + file).c_str()); }
  template <class T>
  Status WriteIf(const std::string& file, const std::optional<T>& value) const {
    if (!value) return {};
    return Write(file, std::to_string(*value));
  }
  // For a file that a kernel may lack: the limit then is not supported, under the name that the caller gave it.
  Status WriteOr(const std::string& file, const std::string& value, const char* limit) const {
    auto wrote = Write(file, value);
    if (!wrote && wrote.failure().error == ENOENT) return Fail("cgroup limit", ENOTSUP, limit);
    return wrote;
  }

 private:
  std::string name_;
  int dir_ = -1;
};

// memory may never exceed memory+swap: raising writes the latter first, lowering last. Which of both it is, the kernel says (EINVAL).
Status WriteMemoryAndSwap(const Attributes& files, const CgroupResources& r) {
  const char* limit = "memory.limit_in_bytes";
  const char* with_swap = "memory.memsw.limit_in_bytes";
  auto wrote = files.WriteIf(limit, r.memory_limit);
  if (wrote) return files.WriteIf(with_swap, r.memory_swap);
  if (wrote.failure().error != EINVAL || !r.memory_swap) return wrote;
  TSC_TRY(files.WriteIf(with_swap, r.memory_swap));
  return files.WriteIf(limit, r.memory_limit);
}

Status CheckMemoryInUse(const Attributes& files, std::int64_t limit) {
  const auto usage = TSC_TRY(files.Read("memory.usage_in_bytes"));
  const auto stat = TSC_TRY(files.Read("memory.stat"));
  if (limit >= 0 && MemoryInUse(usage, stat, "total_") > limit) return Fail("cgroup limit", EBUSY, "memory");
  return {};
}

Status ApplyMemory(const Attributes& files, bool has_swap, CgroupResources r) {
  if (!files) return {};
  if (r.check_before_update && r.memory_limit) TSC_TRY(CheckMemoryInUse(files, *r.memory_limit));
  if (!has_swap) r.memory_swap.reset();
  TSC_TRY(WriteMemoryAndSwap(files, r));
  TSC_TRY(files.WriteIf("memory.soft_limit_in_bytes", r.memory_reservation));
  if (r.memory_kernel_tcp) TSC_TRY(files.WriteOr("memory.kmem.tcp.limit_in_bytes", std::to_string(*r.memory_kernel_tcp), "kernelTCP"));
  TSC_TRY(files.WriteIf("memory.swappiness", r.memory_swappiness));
  if (r.disable_oom_killer) return files.Write("memory.oom_control", "1");
  return {};
}

Status ApplyCpu(const Attributes& files, const CgroupResources& r) {
  if (!files) return {};
  TSC_TRY(files.WriteIf("cpu.shares", r.cpu_shares));
  // Of a new period and quota the first may be refused beside the old other one: then the quota goes first.
  auto wrote = files.WriteIf("cpu.cfs_period_us", r.cpu_period);
  const bool again = !wrote && wrote.failure().error == EINVAL && r.cpu_quota;
  if (!wrote && !again) return wrote;
  TSC_TRY(files.WriteIf("cpu.cfs_quota_us", r.cpu_quota));
  if (again) TSC_TRY(files.WriteIf("cpu.cfs_period_us", r.cpu_period));
  if (r.cpu_burst) TSC_TRY(files.WriteOr("cpu.cfs_burst_us", std::to_string(*r.cpu_burst), "cpu burst"));
  if (r.cpu_idle) TSC_TRY(files.WriteOr("cpu.idle", std::to_string(*r.cpu_idle), "cpu idle"));
  return {};
}

Status WriteRates(const Attributes& files, const char* file, const std::vector<DeviceRate>& rates) {
  for (const auto& rate : rates) {
    const std::string device = std::to_string(rate.major) + ":" + std::to_string(rate.minor);
    TSC_TRY(files.WriteOr(file, device + " " + std::to_string(rate.rate), "io"));
  }
  return {};
}

// blkio.weight left with the CFQ scheduler in 5.0; BFQ has its own.
Status ApplyWeights(const Attributes& files, const IoResources& io) {
  if (io.weight) {
    auto wrote = files.Write("blkio.weight", std::to_string(*io.weight));
    if (!wrote && wrote.failure().error != ENOENT) return wrote;
    if (!wrote) TSC_TRY(files.WriteOr("blkio.bfq.weight", std::to_string(*io.weight), "io weight"));
  }
  return WriteRates(files, "blkio.bfq.weight_device", io.weight_device);
}

Status ApplyIo(const Attributes& files, const IoResources& io) {
  if (!files) return {};
  TSC_TRY(ApplyWeights(files, io));
  TSC_TRY(WriteRates(files, "blkio.throttle.read_bps_device", io.read_bps));
  TSC_TRY(WriteRates(files, "blkio.throttle.write_bps_device", io.write_bps));
  TSC_TRY(WriteRates(files, "blkio.throttle.read_iops_device", io.read_iops));
  return WriteRates(files, "blkio.throttle.write_iops_device", io.write_iops);
}

std::string RuleText(const DeviceRule& rule) {
  if (rule.type == 'a') return "a";
  const auto number = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : std::string("*"); };
  return std::string(1, rule.type) + " " + number(rule.major) + ":" + number(rule.minor) + " " +
         (rule.access.empty() ? "rwm" : rule.access);
}

Status ApplyDevices(const Attributes& files, const std::vector<DeviceRule>& rules) {
  if (!files) return {};
  for (const auto& rule : rules) TSC_TRY(files.Write(rule.allow ? "devices.allow" : "devices.deny", RuleText(rule)));
  return {};
}

}  // namespace

Status ApplyV1(CgroupBase* base, const std::string& name, const CgroupResources& r) {
  const Attributes memory(base, kMemory, name);
  TSC_TRY(ApplyMemory(memory, base->has_swap, r));
  TSC_TRY(ApplyCpu(Attributes(base, kCpu, name), r));
  TSC_TRY(ApplyDevices(Attributes(base, kDevices, name), r.devices));
  if (r.pids_limit && base->Find(kPids)) {
    TSC_TRY(Attributes(base, kPids, name).Write("pids.max", *r.pids_limit < 0 ? "max" : std::to_string(*r.pids_limit)));
  }
  if (r.cpuset_cpus) TSC_TRY(Attributes(base, kCpuset, name).Write("cpuset.cpus", *r.cpuset_cpus));
  if (r.cpuset_mems) TSC_TRY(Attributes(base, kCpuset, name).Write("cpuset.mems", *r.cpuset_mems));
  if (r.io.limits() || r.io.weights()) return ApplyIo(Attributes(base, kIo, name), r.io);
  return {};
}

}  // namespace tsc
