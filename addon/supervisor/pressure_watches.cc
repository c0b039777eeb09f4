// SPDX-License-Identifier: Apache-2.0
#include "supervisor/pressure_watches.h"

#include <sys/epoll.h>

#include <string_view>

namespace tsc {
namespace {

constexpr std::size_t kMostTriggers = 16;
constexpr std::int64_t kMostMs = 10'000;

Result<PressureTrigger> ParseTrigger(const Json& json) {
  PressureTrigger trigger;
  trigger.resource = StringMember(json, "resource");
  const std::string_view resource = trigger.resource;
  const auto stall = IntMember(json, "stallMs"), window = IntMember(json, "windowMs");
  if (resource != "cpu" && resource != "memory" && resource != "io") return Fail("parse pressure", EINVAL, trigger.resource);
  if (stall < 1 || window < stall || window > kMostMs) return Fail("parse pressure", EINVAL, "stallMs, windowMs");
  trigger.full = StringMember(json, "kind") == "full";
  trigger.stall_us = static_cast<std::uint64_t>(stall) * 1000;
  trigger.window_us = static_cast<std::uint64_t>(window) * 1000;
  return trigger;
}

}  // namespace

Result<std::vector<PressureTrigger>> ParsePressureTriggers(const Json& list) {
  std::vector<PressureTrigger> triggers;
  if (!list.is_array()) return triggers;
  if (list.size() > kMostTriggers) return Fail("parse pressure", E2BIG, std::to_string(list.size()));
  for (const auto& item : list) triggers.push_back(TSC_TRY(ParseTrigger(item)));
  return triggers;
}

Status PressureWatches::Open(const Cgroup& cgroup, const std::vector<PressureTrigger>& triggers) {
  std::vector<Opened> opened;
  for (const auto& trigger : triggers) {
    const Json event{{"resource", trigger.resource},
                     {"kind", trigger.full ? "full" : "some"},
                     {"stallMs", trigger.stall_us / 1000},
                     {"windowMs", trigger.window_us / 1000}};
    opened.push_back({TSC_TRY(cgroup.WatchPressure(trigger)), event});
  }
  opened_ = std::move(opened);
  return {};
}

void PressureWatches::Watch(EventLoop* loop, const std::function<void(Json event)>& tell) {
  for (const auto& watch : opened_) {
    const int fd = watch.fd.get();
    loop->Add(fd, EPOLLPRI, [loop, fd, tell, event = watch.event](std::uint32_t events) {
      if (events & EPOLLERR)
        loop->Remove(fd);
      else
        tell(event);
    });
  }
}

void PressureWatches::Close(EventLoop* loop) {
  for (const auto& watch : opened_) loop->Remove(watch.fd.get());
  opened_.clear();
}

}  // namespace tsc
