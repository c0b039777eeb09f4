// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "cgroup/cgroup.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// The member `pressure` of `create`: [{resource, kind, stallMs, windowMs}].
Result<std::vector<PressureTrigger>> ParsePressureTriggers(const Json& list);

// What the kernel is to tell of one container's pressure.
class PressureWatches {
 public:
  // Before the container runs: a trigger that the kernel does not take is a failure of its creation.
  Status Open(const Cgroup& cgroup, const std::vector<PressureTrigger>& triggers);
  // `tell` gets what the event says.
  void Watch(EventLoop* loop, const std::function<void(Json event)>& tell);
  // Before the cgroup goes, which would be an event too.
  void Close(EventLoop* loop);

 private:
  struct Opened {
    UniqueFd fd;
    Json event;
  };
  std::vector<Opened> opened_;
};

}  // namespace tsc
