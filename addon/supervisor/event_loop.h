// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// One thread, one epoll set, timers and things to do later. Nothing here blocks but Run.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Handler = std::function<void(std::uint32_t events)>;
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;

  EventLoop();

  // Whether there is one: it needs a descriptor.
  const Status& opened() const { return opened_; }

  // The descriptor stays the caller's, who must Remove it before closing it: a forked child may still hold a copy, and epoll watches
  // the open file, not the number.
  void Add(int fd, std::uint32_t events, Handler handler);
  void Modify(int fd, std::uint32_t events);
  void Remove(int fd);

  TimerId After(std::chrono::milliseconds delay, Task task);
  void Cancel(TimerId timer);

  // Runs the task when the current events have been handled.
  void Later(Task task);

  // Until Stop; it can be run again then.
  void Run();
  void Stop() { stopped_ = true; }

 private:
  void RunTasks();
  int RunTimers();  // milliseconds until the next one, -1 for none

  struct Watch {
    Handler handler;
    std::uint32_t generation;
  };

  UniqueFd epoll_;
  Status opened_;
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  std::map<std::pair<Clock::time_point, TimerId>, Task> timers_;
  std::unordered_map<TimerId, Clock::time_point> deadlines_;
  std::vector<Task> tasks_;
  TimerId next_timer_ = 1;
  std::uint32_t generation_ = 0;
  bool stopped_ = false;
};

}  // namespace tsc
