// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "supervisor/event_loop.h"

namespace tsc {

// How many are kept ready of something that every container needs one of.
// - While containers are made one after the other: a few, and more where even these were not there in time. What is made just then takes
//   time from those who wait for their container.
// - When there is a moment's rest: as many as the last burst took, so that the next one finds them.
// - A while after the last burst: a few again, since each holds memory of the kernel's.
class Demand {
 public:
  struct Bounds {
    std::size_t fewest, most;
  };

  // `changed` is told when a rest begins, and when fewer will do; it says by Owe how many there are.
  Demand(EventLoop* loop, Bounds bounds, std::function<void()> changed)
      : loop_(loop), bounds_(bounds), changed_(std::move(changed)), pressing_(bounds.fewest), reserve_(bounds.fewest) {}

  // Somebody needs one, which was ready or was not.
  void Note(bool was_ready);
  bool at_rest() const { return at_rest_; }
  std::size_t wanted() const { return at_rest_ && reserve_ > pressing_ ? reserve_ : pressing_; }
  // What is missing then is owed, and made one after the other while there is rest: whoever comes meanwhile waits for one at most. No more
  // than were missing when it began: one that ends at once is not made for ever.
  void Owe(std::size_t there) { owed_ = wanted() > there ? wanted() - there : 0; }
  // Whether one is to be made now; `asked`: so many are being made.
  bool TakeOwed(std::size_t asked);
  // Tells nobody of anything any more.
  void End();

 private:
  void Rest();
  void CalmDown();

  EventLoop* loop_;
  Bounds bounds_;
  std::function<void()> changed_;
  std::size_t pressing_, reserve_;
  std::size_t burst_ = 0, owed_ = 0;
  bool at_rest_ = true;
  EventLoop::Clock::time_point last_{};  // that somebody needed one
  std::optional<EventLoop::TimerId> rest_, calm_;
};

}  // namespace tsc
