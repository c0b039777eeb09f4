// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "cgroup/cgroup.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// One freeze or thaw of a container that is under way: what is just being forked, or sleeps in the kernel, obeys a few milliseconds late.
class Freezing {
 public:
  using Done = std::function<void(const Status& status)>;

  // `done` is called when it is so, or failed; at once, mostly. ETIMEDOUT: not all obeyed in time, and a freeze was taken back.
  void Begin(EventLoop* loop, Cgroup* cgroup, bool frozen, Done done);
  bool under_way() const { return static_cast<bool>(done_); }
  // The container ends: whoever waits gets ESRCH.
  void Cancel();

 private:
  void Look();
  void LookAgain(std::chrono::milliseconds delay);
  void Finish(const Status& status);

  EventLoop* loop_ = nullptr;
  Cgroup* cgroup_ = nullptr;
  bool frozen_ = false;
  UniqueFd events_;
  Done done_;
  EventLoop::Clock::time_point deadline_;
  std::optional<EventLoop::TimerId> timer_;
};

}  // namespace tsc
