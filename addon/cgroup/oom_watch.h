// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Tells an event loop that a container may have met its memory limit. Add fd() with events(), and call Kills() at each event: it also
// makes ready for the next. Events come up to a hundred times a second while a container lives at its limit, and without a kill, and
// on v1 once more when the cgroup is removed. On v1 the event comes before the victim is chosen, so the count may still be the old
// one: read it again recounts() times, every kRecount, and when a process of the container ends.
class OomWatch {
 public:
  static constexpr std::chrono::milliseconds kRecount{20};
  // `counter` is memory.events or memory.oom_control, open for reading; `event` the v1 eventfd or nothing.
  OomWatch(UniqueFd counter, UniqueFd event) : counter_(std::move(counter)), event_(std::move(event)) {}

  int fd() const { return event_ ? event_.get() : counter_.get(); }
  std::uint32_t events() const;  // EPOLLIN or EPOLLPRI
  // Processes killed so far for lack of memory, since the cgroup was made.
  Result<std::uint64_t> Kills();
  // The same, and the next event stays what it is.
  Result<std::uint64_t> Count() const;
  // Whether what is below, where it counts for itself, is left out.
  bool alone() const { return static_cast<bool>(event_); }
  int recounts() const { return event_ ? 50 : 0; }

 private:
  UniqueFd counter_;
  UniqueFd event_;
};

// The value of "oom_kill 3" in either file; 0 where it is missing.
std::uint64_t ParseOomKills(std::string_view text);

}  // namespace tsc
