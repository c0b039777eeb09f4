// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "supervisor/event_loop.h"

namespace tsc {

// How many are kept ready of something that every container needs one of.
// - When there is a moment's rest: as many as the last burst took, so that the next one finds them. What is made sooner takes time from
//   those who wait for their container.
// - A while after the last burst: a few again, since each holds memory of the kernel's.
class Demand {
 public:
  struct Bounds {
    std::size_t fewest, most;
  };

  // Where fewer than these would be left, no rest is waited for.
  static constexpr std::size_t kFew = 2;

  // `changed` is told when a rest begins, and when fewer will do; it says by Owe how many there are. `taken`: a moment after some were.
  Demand(EventLoop* loop, Bounds bounds, std::function<void()> changed, std::function<void()> taken)
      : loop_(loop), bounds_(bounds), changed_(std::move(changed)), taken_(std::move(taken)), wanted_(bounds.fewest) {}

  // A container needs one.
  void Note();
  // A container goes on: there is no rest yet.
  void Touch() { last_ = EventLoop::Clock::now(); }
  // So many are to be there at rest.
  std::size_t wanted() const { return wanted_; }
  // What is missing is owed, and made one after the other while there is rest: whoever comes meanwhile waits for one at most. No more
  // than were missing when it began: one that ends at once is not made for ever.
  void Owe(std::size_t there) { owed_ = wanted_ > there ? wanted_ - there : 0; }
  // Whether one is to be made now; `asked`: so many are being made.
  bool TakeOwed(std::size_t asked);
  // Tells nobody of anything any more.
  void End();

 private:
  void Rest();
  void CalmDown();

  EventLoop* loop_;
  Bounds bounds_;
  std::function<void()> changed_, taken_;
  std::size_t wanted_;
  std::size_t burst_ = 0, owed_ = 0;
  bool at_rest_ = true;
  EventLoop::Clock::time_point last_{};  // that something went on
  std::optional<EventLoop::TimerId> rest_, calm_, refill_;
};

}  // namespace tsc
