// SPDX-License-Identifier: Apache-2.0
#include "cgroup/usage.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cgroup/cgroup.h"
#include "cgroup/flat_keyed.h"
#include "cgroup/tree.h"

namespace tsc {
namespace {

using Count = CgroupUsage::Count;

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;  // v1 says PAGE_COUNTER_MAX pages for "none"

// One text of attributes after the other, in one buffer.
class Reader {
 public:
  Reader(int dir, std::string name) : dir_(dir), name_(std::move(name)) {}

  std::string_view Text(const char* file) {
    const auto text = ReadAttribute(dir_, name_ + "/" + file, buffer_.data(), buffer_.size());
    return text ? *text : std::string_view{};
  }
  Count Number(const char* file) { return ParseCount(Text(file)); }
  Count Limit(const char* file) {
    const Count limit = Number(file);
    return limit && *limit < kNoLimit ? limit : Count{};
  }

 private:
  int dir_;
  std::string name_;
  std::array<char, 16384> buffer_;
};

Count Times(Count value, std::uint64_t factor) { return value ? Count(*value * factor) : Count{}; }

// The unified tree counts the time whatever its controllers are.
void ReadTime(std::string_view cpu, CgroupUsage* usage) {
  usage->cpu_ns = Times(FlatKeyedValue(cpu, "usage_usec"), 1000);
  usage->cpu_user_ns = Times(FlatKeyedValue(cpu, "user_usec"), 1000);
  usage->cpu_system_ns = Times(FlatKeyedValue(cpu, "system_usec"), 1000);
}

void ReadCpuV2(Reader* files, CgroupUsage* usage) {
  const auto cpu = files->Text("cpu.stat");
  ReadTime(cpu, usage);
  usage->throttled_periods = FlatKeyedValue(cpu, "nr_throttled");
  usage->throttled_ns = Times(FlatKeyedValue(cpu, "throttled_usec"), 1000);
}

void ReadMemoryV2(Reader* files, CgroupUsage* usage) {
  usage->memory_bytes = files->Number("memory.current");
  usage->memory_peak_bytes = files->Number("memory.peak");
  usage->memory_limit_bytes = files->Limit("memory.max");
  usage->swap_bytes = files->Number("memory.swap.current");
  const auto stat = files->Text("memory.stat");
  usage->memory_inactive_bytes = FlatKeyedValue(stat, "inactive_file");
  usage->anonymous_bytes = FlatKeyedValue(stat, "anon");
  usage->file_bytes = FlatKeyedValue(stat, "file");
  usage->kernel_bytes = FlatKeyedValue(stat, "kernel");
  usage->oom_kills = FlatKeyedValue(files->Text("memory.events"), "oom_kill");
}

void ReadPids(Reader* files, CgroupUsage* usage) {
  usage->pids = files->Number("pids.current");
  usage->pids_limit = files->Limit("pids.max");
}

void ReadCpuV1(Reader* acct, Reader* cpu, CgroupUsage* usage) {
  if (acct) {
    usage->cpu_ns = acct->Number("cpuacct.usage");
    usage->cpu_user_ns = acct->Number("cpuacct.usage_user");
    usage->cpu_system_ns = acct->Number("cpuacct.usage_sys");
  }
  if (!cpu) return;
  const auto stat = cpu->Text("cpu.stat");
  usage->throttled_periods = FlatKeyedValue(stat, "nr_throttled");
  usage->throttled_ns = FlatKeyedValue(stat, "throttled_time");
}

void ReadMemoryV1(Reader* files, CgroupUsage* usage) {
  usage->memory_bytes = files->Number("memory.usage_in_bytes");
  usage->memory_peak_bytes = files->Number("memory.max_usage_in_bytes");
  usage->memory_limit_bytes = files->Limit("memory.limit_in_bytes");
  const auto with_swap = files->Number("memory.memsw.usage_in_bytes");
  if (with_swap && usage->memory_bytes) usage->swap_bytes = *with_swap - std::min(*with_swap, *usage->memory_bytes);
  usage->kernel_bytes = files->Number("memory.kmem.usage_in_bytes");
  const auto stat = files->Text("memory.stat");
  usage->memory_inactive_bytes = FlatKeyedValue(stat, "total_inactive_file");
  usage->anonymous_bytes = FlatKeyedValue(stat, "total_rss");
  usage->file_bytes = FlatKeyedValue(stat, "total_cache");
  usage->oom_kills = FlatKeyedValue(files->Text("memory.oom_control"), "oom_kill");
}

void ReadMemoryOf(const Hierarchy* hierarchy, const std::string& name, CgroupUsage* usage) {
  if (!hierarchy) return;
  Reader files(hierarchy->base.get(), name);
  if (hierarchy->unified)
    ReadMemoryV2(&files, usage);
  else
    ReadMemoryV1(&files, usage);
}

std::vector<DeviceIo> ReadIoV1(Reader* files) {
  const std::string bytes(files->Text("blkio.throttle.io_service_bytes_recursive"));
  return ParseIoV1(bytes, files->Text("blkio.throttle.io_serviced_recursive"));
}

}  // namespace

CgroupUsage Cgroup::Spent() const {
  CgroupUsage usage;
  const Hierarchy* tree = base_->unified();
  if (tree && (is_exec() || base_->version == CgroupVersion::kV2)) {
    Reader files(tree->base.get(), name_);
    usage.cpu_ns = Times(FlatKeyedValue(files.Text("cpu.stat"), "usage_usec"), 1000);
    if (!is_exec() && (base_->usable & kMemory)) usage.memory_peak_bytes = files.Number("memory.peak");
    return usage;
  }
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    const Hierarchy& hierarchy = base_->hierarchies[i];
    if (is_exec() || !(made_ & 1U << i)) continue;
    Reader files(hierarchy.base.get(), container_);
    if (hierarchy.unified) ReadTime(files.Text("cpu.stat"), &usage);
    if (hierarchy.controllers & kCpuacct) usage.cpu_ns = files.Number("cpuacct.usage");
    if (hierarchy.controllers & kMemory) usage.memory_peak_bytes = files.Number("memory.max_usage_in_bytes");
  }
  return usage;
}

Result<CgroupUsage> Cgroup::Usage() const {
  CgroupUsage usage;
  const Hierarchy* tree = base_->unified();
  if (tree && (is_exec() || base_->version == CgroupVersion::kV2)) {
    Reader files(tree->base.get(), name_);
    ReadCpuV2(&files, &usage);
    if (is_exec()) ReadMemoryOf(Counting(kMemory), name_, &usage);
    if (!is_exec() && (base_->usable & kMemory)) ReadMemoryV2(&files, &usage);
    if (!is_exec() && (base_->usable & kPids)) ReadPids(&files, &usage);
    if (!is_exec() && (base_->enabled & kIo)) usage.io = ParseIoV2(files.Text("io.stat"));
    return usage;
  }
  if (is_exec()) return Fail("cgroup usage", ENOTSUP, name_);
  const auto reader = [this](ControllerSet controller) -> std::optional<Reader> {
    for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
      const Hierarchy& hierarchy = base_->hierarchies[i];
      if ((hierarchy.controllers & controller) && (made_ & 1U << i)) return Reader(hierarchy.base.get(), container_);
    }
    return std::nullopt;
  };
  if (tree) ReadTime(Reader(tree->base.get(), container_).Text("cpu.stat"), &usage);
  auto acct = reader(kCpuacct), cpu = reader(kCpu), memory = reader(kMemory), pids = reader(kPids), io = reader(kIo);
  ReadCpuV1(acct ? &*acct : nullptr, cpu ? &*cpu : nullptr, &usage);
  if (memory) ReadMemoryV1(&*memory, &usage);
  if (pids) ReadPids(&*pids, &usage);
  if (io) usage.io = ReadIoV1(&*io);
  return usage;
}

}  // namespace tsc
