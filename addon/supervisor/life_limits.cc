// SPDX-License-Identifier: Apache-2.0
#include "supervisor/life_limits.h"

namespace tsc {

void LifeLimits::Begin() {
  End();
  begun_ = true;
  Touch();
  if (options_.idle.count() > 0) ArmIdle(options_.idle);
  if (options_.lifetime.count() <= 0) return;
  lifetime_timer_ = loop_->After(options_.lifetime, [this] {
    lifetime_timer_.reset();
    hooks_.reach("lifetime");
  });
}

void LifeLimits::End() {
  begun_ = false;
  for (auto* timer : {&idle_timer_, &lifetime_timer_})
    if (*timer) loop_->Cancel(*std::exchange(*timer, std::nullopt));
}

void LifeLimits::ArmIdle(std::chrono::milliseconds delay) {
  idle_timer_ = loop_->After(delay, [this] {
    idle_timer_.reset();
    OnIdle();
  });
}

// Uses only note the time: the timer looks at it when it comes around.
void LifeLimits::OnIdle() {
  if (hooks_.busy()) Touch();
  const auto unused = EventLoop::Clock::now() - used_;
  if (unused >= options_.idle) return hooks_.reach("idle");
  ArmIdle(std::chrono::ceil<std::chrono::milliseconds>(options_.idle - unused));
}

}  // namespace tsc
