// SPDX-License-Identifier: Apache-2.0
#include "supervisor/demand.h"

#include <algorithm>
#include <utility>

namespace tsc {
namespace {

// Longer than what comes between two of a burst: whatever is made sooner is made in the way of those that were just begun.
constexpr std::chrono::milliseconds kRest{6};
constexpr std::chrono::milliseconds kCalm{5000};
// A clone slows the mounts of the container that goes on meanwhile; while its program starts it disturbs nobody.
constexpr std::chrono::milliseconds kRefill{1};

}  // namespace

void Demand::Note() {
  at_rest_ = false;
  Touch();
  ++burst_;
  if (!refill_) {
    refill_ = loop_->After(kRefill, [this] {
      refill_.reset();
      taken_();
    });
  }
  if (!rest_) rest_ = loop_->After(kRest, [this] { Rest(); });
}

// The timer is not set anew for each: it looks when it fires how long there has been rest.
void Demand::Rest() {
  const auto missing = last_ + kRest - EventLoop::Clock::now();
  if (missing > EventLoop::Clock::duration::zero()) {
    rest_ = loop_->After(std::chrono::ceil<std::chrono::milliseconds>(missing), [this] { Rest(); });
    return;
  }
  rest_.reset();
  at_rest_ = true;
  const auto took = std::min(std::exchange(burst_, 0), bounds_.most);
  if (took > bounds_.fewest) {
    wanted_ = std::max(wanted_, took);
    CalmDown();
  }
  changed_();
}

bool Demand::TakeOwed(std::size_t asked) {
  if (!at_rest_ || owed_ == 0 || asked > 0) return false;
  --owed_;
  return true;
}

void Demand::CalmDown() {
  if (calm_) loop_->Cancel(*calm_);
  calm_ = loop_->After(kCalm, [this] {
    calm_.reset();
    wanted_ = bounds_.fewest;
    changed_();
  });
}

void Demand::End() {
  for (auto* timer : {&rest_, &calm_, &refill_})
    if (*timer) loop_->Cancel(*std::exchange(*timer, std::nullopt));
}

}  // namespace tsc
