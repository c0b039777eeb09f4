// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cgroup/limits.h"
#include "core/paths.h"

namespace tsc {
namespace {

class Attributes {
 public:
  Attributes(const CgroupBase& base, const std::string& name) : dir_(base.unified()->base.get()), name_(name) {}

  Result<std::string> Read(const std::string& file) const { return ReadFileAt(dir_, (name_ + "/" + file).c_str()); }
  Status Write(const std::string& file, const std::string& value) const {
    const auto wrote = WriteFileAt(dir_, (name_ + "/" + file).c_str(), value);
    return wrote ? Status{} : Status(Fail("cgroup limit", wrote.failure().error, file));
  }
  Status WriteOr(const std::string& file, const std::string& value, const char* limit) const {
    auto wrote = Write(file, value);
    if (!wrote && wrote.failure().error == ENOENT) return Fail("cgroup limit", ENOTSUP, limit);
    return wrote;
  }

 private:
  int dir_;
  std::string name_;
};

std::string OrMax(std::int64_t limit) { return limit < 0 ? "max" : std::to_string(limit); }

// memory.swap.max counts swap alone, the OCI spec memory and swap together.
Status WriteSwap(const Attributes& files, const CgroupResources& r) {
  if (*r.memory_swap < 0) return files.Write("memory.swap.max", "max");
  std::int64_t memory = r.memory_limit.value_or(0);
  if (!r.memory_limit) memory = std::strtoll(TSC_TRY(files.Read("memory.max")).c_str(), nullptr, 10);  // "max" reads as 0
  if (memory <= 0 || *r.memory_swap < memory) return Fail("cgroup limit", EINVAL, "memory+swap");
  return files.Write("memory.swap.max", std::to_string(*r.memory_swap - memory));
}

Status ApplyMemory(const Attributes& files, bool has_swap, const CgroupResources& r) {
  if (r.check_before_update && r.memory_limit && *r.memory_limit >= 0) {
    const auto usage = TSC_TRY(files.Read("memory.current"));
    const auto stat = TSC_TRY(files.Read("memory.stat"));
    if (MemoryInUse(usage, stat, "") > *r.memory_limit) return Fail("cgroup limit", EBUSY, "memory");
  }
  if (r.memory_swap && has_swap) TSC_TRY(WriteSwap(files, r));
  if (r.memory_limit) TSC_TRY(files.Write("memory.max", OrMax(*r.memory_limit)));
  if (r.memory_reservation) return files.Write("memory.low", OrMax(*r.memory_reservation));
  return {};
}

Status ApplyCpu(const Attributes& files, const CgroupResources& r) {
  // An idle group has a fixed weight: leave idleness before, enter it after.
  if (r.cpu_idle == 0) TSC_TRY(files.WriteOr("cpu.idle", "0", "cpu idle"));
  if (r.cpu_shares) TSC_TRY(files.Write("cpu.weight", std::to_string(CpuWeightOfShares(*r.cpu_shares))));
  if (r.cpu_quota || r.cpu_period) {
    std::string quota = r.cpu_quota ? OrMax(*r.cpu_quota) : TSC_TRY(files.Read("cpu.max"));
    quota.resize(std::min(quota.find(' '), quota.size()));
    if (r.cpu_period) quota += " " + std::to_string(*r.cpu_period);
    TSC_TRY(files.Write("cpu.max", quota));
  }
  if (r.cpu_burst) TSC_TRY(files.WriteOr("cpu.max.burst", std::to_string(*r.cpu_burst), "cpu burst"));
  if (r.cpu_idle.value_or(0) != 0) return files.WriteOr("cpu.idle", std::to_string(*r.cpu_idle), "cpu idle");
  return {};
}

Status WriteRates(const Attributes& files, const char* key, const std::vector<DeviceRate>& rates) {
  for (const auto& rate : rates) {
    const std::string device = std::to_string(rate.major) + ":" + std::to_string(rate.minor);
    std::string line = device + " " + key;
    line += '=';
    line += rate.rate ? std::to_string(rate.rate) : "max";
    TSC_TRY(files.WriteOr("io.max", line, "io"));
  }
  return {};
}

// io.bfq.weight is there with the BFQ scheduler, io.weight with the cost model; else there is nothing that a weight would act on.
Status WriteWeight(const Attributes& files, const std::string& device, std::uint64_t weight) {
  auto wrote = files.Write("io.bfq.weight", device + std::to_string(weight));
  if (wrote || wrote.failure().error != ENOENT) return wrote;
  return files.WriteOr("io.weight", device + std::to_string(IoWeightOfBlkio(weight)), "io weight");
}

Status ApplyIo(const Attributes& files, const IoResources& io) {
  if (io.weight) TSC_TRY(WriteWeight(files, "", *io.weight));
  for (const auto& device : io.weight_device) {
    TSC_TRY(WriteWeight(files, std::to_string(device.major) + ":" + std::to_string(device.minor) + " ", device.rate));
  }
  TSC_TRY(WriteRates(files, "rbps", io.read_bps));
  TSC_TRY(WriteRates(files, "wbps", io.write_bps));
  TSC_TRY(WriteRates(files, "riops", io.read_iops));
  return WriteRates(files, "wiops", io.write_iops);
}

}  // namespace

Status ApplyV2(const CgroupBase& base, const std::string& name, const CgroupResources& r) {
  const Attributes files(base, name);
  if (base.usable & kMemory) TSC_TRY(ApplyMemory(files, base.has_swap, r));
  if (base.usable & kCpu) TSC_TRY(ApplyCpu(files, r));
  if (r.pids_limit && (base.usable & kPids)) TSC_TRY(files.Write("pids.max", OrMax(*r.pids_limit)));
  if (r.cpuset_cpus) TSC_TRY(files.Write("cpuset.cpus", *r.cpuset_cpus));
  if (r.cpuset_mems) TSC_TRY(files.Write("cpuset.mems", *r.cpuset_mems));
  TSC_TRY(ApplyIo(files, r.io));
  for (const auto& [key, value] : r.unified) TSC_TRY(files.WriteOr(key, value, "unified"));
  return {};
}

// Both defaults meet at 1024 and 100, the ends at the ends: the quadratic of opencontainers/cgroups, ConvertCPUSharesToCgroupV2Value, and
// crun 1.23. The linear map of older runtimes put 1024 at 39.
std::uint64_t CpuWeightOfShares(std::uint64_t shares) {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const double l = std::log2(static_cast<double>(shares));
  const double exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
  return static_cast<std::uint64_t>(std::ceil(std::pow(10, exponent)));
}

std::uint64_t IoWeightOfBlkio(std::uint64_t weight) {
  if (weight <= 10) return 1;
  return 1 + (std::min<std::uint64_t>(weight, 1000) - 10) * 9999 / 990;
}

}  // namespace tsc
