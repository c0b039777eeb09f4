// SPDX-License-Identifier: Apache-2.0
#include "cgroup/usage.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "cgroup/cgroup.h"
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
  Count Number(const char* file) { return Parse(Text(file)); }
  Count Limit(const char* file) {
    const Count limit = Number(file);
    return limit && *limit < kNoLimit ? limit : Count{};
  }

  static Count Parse(std::string_view text) {
    std::uint64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc{} ? Count(value) : Count{};
  }

 private:
  int dir_;
  std::string name_;
  std::array<char, 16384> buffer_;
};

// The number after `key` and a space at the start of a line.
Count Value(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const bool starts = at == 0 || text[at - 1] == '\n';
    if (starts && text.substr(at + key.size(), 1) == " ") return Reader::Parse(text.substr(at + key.size() + 1));
  }
  return {};
}

Count Times(Count value, std::uint64_t factor) { return value ? Count(*value * factor) : Count{}; }

// The unified tree counts the time whatever its controllers are.
void ReadTime(std::string_view cpu, CgroupUsage* usage) {
  usage->cpu_ns = Times(Value(cpu, "usage_usec"), 1000);
  usage->cpu_user_ns = Times(Value(cpu, "user_usec"), 1000);
  usage->cpu_system_ns = Times(Value(cpu, "system_usec"), 1000);
}

void ReadCpuV2(Reader* files, CgroupUsage* usage) {
  const auto cpu = files->Text("cpu.stat");
  ReadTime(cpu, usage);
  usage->throttled_periods = Value(cpu, "nr_throttled");
  usage->throttled_ns = Times(Value(cpu, "throttled_usec"), 1000);
}

void ReadMemoryV2(Reader* files, CgroupUsage* usage) {
  usage->memory_bytes = files->Number("memory.current");
  usage->memory_peak_bytes = files->Number("memory.peak");
  usage->memory_limit_bytes = files->Limit("memory.max");
  usage->swap_bytes = files->Number("memory.swap.current");
  const auto stat = files->Text("memory.stat");
  usage->memory_inactive_bytes = Value(stat, "inactive_file");
  usage->anonymous_bytes = Value(stat, "anon");
  usage->file_bytes = Value(stat, "file");
  usage->kernel_bytes = Value(stat, "kernel");
  usage->oom_kills = Value(files->Text("memory.events"), "oom_kill");
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
  usage->throttled_periods = Value(stat, "nr_throttled");
  usage->throttled_ns = Value(stat, "throttled_time");
}

void ReadMemoryV1(Reader* files, CgroupUsage* usage) {
  usage->memory_bytes = files->Number("memory.usage_in_bytes");
  usage->memory_peak_bytes = files->Number("memory.max_usage_in_bytes");
  usage->memory_limit_bytes = files->Limit("memory.limit_in_bytes");
  const auto with_swap = files->Number("memory.memsw.usage_in_bytes");
  if (with_swap && usage->memory_bytes) usage->swap_bytes = *with_swap - std::min(*with_swap, *usage->memory_bytes);
  usage->kernel_bytes = files->Number("memory.kmem.usage_in_bytes");
  const auto stat = files->Text("memory.stat");
  usage->memory_inactive_bytes = Value(stat, "total_inactive_file");
  usage->anonymous_bytes = Value(stat, "total_rss");
  usage->file_bytes = Value(stat, "total_cache");
  usage->oom_kills = Value(files->Text("memory.oom_control"), "oom_kill");
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
    usage.cpu_ns = Times(Value(files.Text("cpu.stat"), "usage_usec"), 1000);
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
