// SPDX-License-Identifier: Apache-2.0
#include "supervisor/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kAgain{10};

// The number and the generation of a watch travel together, so that an event for a descriptor that was closed and given out anew within
// one batch goes nowhere.
std::uint64_t Pack(int fd, std::uint32_t generation) {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
}

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) opened_ = Errno("make event loop");
}

void EventLoop::Add(int fd, std::uint32_t events, Handler handler) {
  const std::uint32_t generation = ++generation_;
  watches_[fd] = std::make_shared<Watch>(Watch{std::move(handler), generation});
  // Somebody waits for what the descriptor tells: where the kernel lacks memory, or this user watches too much, it is asked again.
  const auto ask = [this, fd, events, generation](const auto& again) -> void {
    const auto it = watches_.find(fd);
    if (it == watches_.end() || it->second->generation != generation) return;
    epoll_event event{};
    event.events = events;
    event.data.u64 = Pack(fd, generation);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0 && (errno == ENOMEM || errno == ENOSPC))
      After(kAgain, [again] { again(again); });
  };
  ask(ask);
}

void EventLoop::Modify(int fd, std::uint32_t events) {
  const auto it = watches_.find(fd);
  if (it == watches_.end()) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = Pack(fd, it->second->generation);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0 || errno != ENOENT) return;
  Add(fd, events, Handler(it->second->handler));  // it could not be added so far
}

void EventLoop::Remove(int fd) {
  if (watches_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::TimerId EventLoop::After(std::chrono::milliseconds delay, Task task) {
  const TimerId id = next_timer_++;
  const auto deadline = Clock::now() + delay;
  timers_[{deadline, id}] = std::move(task);
  deadlines_[id] = deadline;
  return id;
}

void EventLoop::Cancel(TimerId timer) {
  const auto it = deadlines_.find(timer);
  if (it == deadlines_.end()) return;
  timers_.erase({it->second, timer});
  deadlines_.erase(it);
}

void EventLoop::Later(Task task) { tasks_.push_back(std::move(task)); }

void EventLoop::RunTasks() {
  while (!tasks_.empty()) {
    std::vector<Task> batch;
    batch.swap(tasks_);
    for (auto& task : batch) task();
  }
}

int EventLoop::RunTimers() {
  while (!timers_.empty()) {
    const auto first = timers_.begin();
    const auto wait = first->first.first - Clock::now();
    if (wait > Clock::duration::zero()) {
      return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
    }
    Task task = std::move(first->second);
    deadlines_.erase(first->first.second);
    timers_.erase(first);
    task();
    RunTasks();
  }
  return -1;
}

void EventLoop::Run() {
  epoll_event events[64];
  while (!stopped_) {
    RunTasks();
    const int timeout = RunTimers();
    RunTasks();
    if (stopped_) break;
    const int count = ::epoll_wait(epoll_.get(), events, std::size(events), timeout);
    // Without it nothing is ever heard: whoever asks would wait, and nobody could take our place.
    if (count < 0 && errno != EINTR) break;
    for (int i = 0; i < count; ++i) {
      const int fd = static_cast<int>(events[i].data.u64 & 0xffffffff);
      const auto it = watches_.find(fd);
      if (it == watches_.end() || it->second->generation != events[i].data.u64 >> 32) continue;
      const auto watch = it->second;  // the handler may remove itself
      watch->handler(events[i].events);
    }
  }
  stopped_ = false;
}

}  // namespace tsc
