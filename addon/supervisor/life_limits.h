// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "supervisor/event_loop.h"

namespace tsc {

struct LifeLimitOptions {
  std::chrono::milliseconds idle{0};      // 0: as long as it likes
  std::chrono::milliseconds lifetime{0};  // from the start that somebody asked for; restarts by policy are part of it
};

// Ends a container that nobody has used for a while, or that has lived long enough.
class LifeLimits {
 public:
  struct Hooks {
    std::function<bool()> busy;                     // a command runs in it
    std::function<void(const char* reason)> reach;  // "idle", "lifetime"
  };
  LifeLimits(EventLoop* loop, const LifeLimitOptions& options, Hooks hooks) : loop_(loop), options_(options), hooks_(std::move(hooks)) {}
  ~LifeLimits() { End(); }

  // Somebody started it.
  void Begin();
  // It was started again by itself: the times go on.
  void Continue() {
    if (!begun_) Begin();
  }
  // Somebody did something with it.
  void Touch() { used_ = EventLoop::Clock::now(); }
  // It is over.
  void End();

 private:
  void ArmIdle(std::chrono::milliseconds delay);
  void OnIdle();

  EventLoop* loop_;
  LifeLimitOptions options_;
  Hooks hooks_;
  bool begun_ = false;
  EventLoop::Clock::time_point used_{};
  std::optional<EventLoop::TimerId> idle_timer_, lifetime_timer_;
};

}  // namespace tsc
