// SPDX-License-Identifier: Apache-2.0
#include "supervisor/freezing.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace tsc {
namespace {

// A process in an uninterruptible call cannot be frozen; on a busy machine others take seconds.
constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::chrono::milliseconds kFirstLook{1};
constexpr std::chrono::milliseconds kLongestLook{16};

}  // namespace

void Freezing::Begin(EventLoop* loop, Cgroup* cgroup, bool frozen, Done done) {
  auto begun = cgroup->BeginFreeze(frozen);
  if (!begun.ok()) return done(begun.failure());
  if (!*begun) return done({});
  loop_ = loop;
  cgroup_ = cgroup;
  frozen_ = frozen;
  events_ = std::move(*begun);
  done_ = std::move(done);
  deadline_ = EventLoop::Clock::now() + kPatience;
  loop_->Add(events_.get(), EPOLLPRI, [this](std::uint32_t) { Look(); });
  LookAgain(kFirstLook);
}

// The kernel tells of a change no sooner than 10 ms after the one before (CGROUP_FILE_NOTIFY_MIN_INTV).
void Freezing::LookAgain(std::chrono::milliseconds delay) {
  timer_ = loop_->After(delay, [this, delay] {
    timer_.reset();
    // Before a look: this process may have had no time itself since it ended.
    const bool late = EventLoop::Clock::now() > deadline_;
    Look();
    if (!under_way()) return;
    if (!late) return LookAgain(std::min(2 * delay, kLongestLook));
    if (frozen_) (void)cgroup_->BeginFreeze(false).ok();
    Finish(Fail("freeze cgroup", ETIMEDOUT, cgroup_->name()));
  });
}

void Freezing::Look() {
  char discarded[256];  // the event stands until it is read
  (void)!::pread(events_.get(), discarded, sizeof discarded, 0);
  const auto frozen = cgroup_->IsFrozen();
  if (!frozen.ok()) return Finish(frozen.failure());
  if (*frozen == frozen_) Finish({});
}

void Freezing::Cancel() {
  if (done_) Finish(Fail("freeze cgroup", ESRCH, "the container has ended"));
}

void Freezing::Finish(const Status& status) {
  if (timer_) loop_->Cancel(*std::exchange(timer_, std::nullopt));
  loop_->Remove(events_.get());
  events_.reset();
  const Done done = std::exchange(done_, nullptr);
  done(status);
}

}  // namespace tsc
