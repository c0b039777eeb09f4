// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>

#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/output.h"
#include "command/record.h"
#include "command/sentence.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

std::uint64_t Or0(const CgroupUsage::Count& count) { return count.value_or(0); }

Json IoEntries(const std::vector<DeviceIo>& io, std::uint64_t DeviceIo::*read, std::uint64_t DeviceIo::*written) {
  Json entries = Json::array();
  for (const auto& device : io) {
    const auto colon = device.device.find(':');
    const auto entry = [&](const char* op, std::uint64_t value) {
      entries.push_back({{"major", std::stoul(device.device.substr(0, colon))},
                         {"minor", std::stoul(device.device.substr(colon + 1))},
                         {"op", op},
                         {"value", value}});
    };
    entry("Read", device.*read);
    entry("Write", device.*written);
  }
  return entries;
}

// The form of runc's events: what callers chart.
Json StatsOf(const CgroupUsage& usage) {
  Json data;
  data["cpu"]["usage"] = {{"total", Or0(usage.cpu_ns)}, {"kernel", Or0(usage.cpu_system_ns)}, {"user", Or0(usage.cpu_user_ns)}};
  data["cpu"]["throttling"] = {{"throttledPeriods", Or0(usage.throttled_periods)}, {"throttledTime", Or0(usage.throttled_ns)}};
  data["memory"]["cache"] = Or0(usage.file_bytes);
  data["memory"]["usage"] = {
      {"usage", Or0(usage.memory_bytes)}, {"max", Or0(usage.memory_peak_bytes)}, {"limit", Or0(usage.memory_limit_bytes)}};
  data["memory"]["swap"] = {{"usage", Or0(usage.swap_bytes)}};
  data["memory"]["kernel"] = {{"usage", Or0(usage.kernel_bytes)}};
  data["memory"]["raw"] = {{"inactive_file", Or0(usage.memory_inactive_bytes)}, {"anon", Or0(usage.anonymous_bytes)}};
  data["pids"] = {{"current", Or0(usage.pids)}};
  if (usage.pids_limit) data["pids"]["limit"] = *usage.pids_limit;
  if (usage.io) {
    data["blkio"]["ioServiceBytesRecursive"] = IoEntries(*usage.io, &DeviceIo::read_bytes, &DeviceIo::written_bytes);
    data["blkio"]["ioServicedRecursive"] = IoEntries(*usage.io, &DeviceIo::reads, &DeviceIo::writes);
  }
  return data;
}

Status Print(const Record& record, const char* type, const Json& data) {
  Json event = {{"type", type}, {"id", record.id}};
  if (!data.is_null()) event["data"] = data;
  return PrintJson(event);
}

// "5s", "500ms", "1m".
Result<int> IntervalMs(const std::string& text) {
  char* unit = nullptr;
  const double value = std::strtod(text.c_str(), &unit);
  const std::string name(unit);
  const double factor = name == "ms" ? 1 : name == "s" ? 1000 : name == "m" ? 60000 : name == "h" ? 3600000 : 0;
  if (factor == 0 || value <= 0 || value * factor > 1e9) return Refuse("duration interval must be greater than 0");
  return static_cast<int>(value * factor);
}

// Until the container ends.
Status Follow(const RecordPlace& place, const Cgroup& cgroup, int interval_ms) {
  const auto process = TSC_TRY(place.OpenProcess());
  auto watch = cgroup.WatchOom();
  auto kills = watch.ok() ? TSC_TRY(watch->Kills()) : 0;
  int recounts = 0;
  for (;;) {
    const bool recounting = recounts > 0;
    const short oom_events = watch.ok() && watch->events() == EPOLLPRI ? POLLPRI : POLLIN;
    pollfd watched[2] = {{process.get(), POLLIN, 0}, {watch.ok() ? watch->fd() : -1, oom_events, 0}};
    const int ready = ::poll(watched, 2, recounting ? static_cast<int>(OomWatch::kRecount.count()) : interval_ms);
    if (ready < 0 && errno != EINTR) return Errno("poll");
    // The container's end is the last chance to see a victim.
    if (watch.ok() && (ready != 0 || recounting)) {
      const auto now = watch->Kills();
      const bool killed = now.ok() && *now > kills;
      if (killed) TSC_TRY(Print(place.record, "oom", nullptr));
      if (now.ok()) kills = *now;
      recounts = killed ? 0 : ready != 0 ? watch->recounts() : recounts - 1;
    }
    if (watched[0].revents != 0) return {};
    if (ready == 0 && !recounting) TSC_TRY(Print(place.record, "stats", StatsOf(TSC_TRY(cgroup.Usage()))));
  }
}

}  // namespace

Result<int> EventsCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  const int interval_ms = TSC_TRY(IntervalMs(call.options.get("interval", "5s")));
  if (!place.alive()) return Refuse("container " + place.record.id + " is not running");
  const auto cgroup = TSC_TRY(OpenContainerCgroup(place.record));
  if (call.options.is_set("stats"))
    TSC_TRY(Print(place.record, "stats", StatsOf(TSC_TRY(cgroup.Usage()))));
  else
    TSC_TRY(Follow(place, cgroup, interval_ms));
  return 0;
}

}  // namespace tsc
