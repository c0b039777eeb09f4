// SPDX-License-Identifier: Apache-2.0
#include "supervisor/way_out.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "core/reap.h"

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kUntilNext(200);
// A host that is not online yet, or has no such program, may be another one later.
constexpr std::chrono::seconds kUntilAnotherTry(10);

}  // namespace

void WayOut::Open(int network_namespace, std::function<void()> then) {
  if (settled_) return then();
  waiting_.push_back(std::move(then));
  if (network_namespace_ >= 0) return;
  network_namespace_ = network_namespace;
  Start(0);
}

void WayOut::Start(std::size_t candidate) {
  if (candidate == 0) programs_ = FindWayOutPrograms();
  if (candidate >= programs_.size()) {
    Settle();
    return StartLater(kUntilAnotherTry);
  }
  auto started = StartWayOut(programs_[candidate], network_namespace_);
  if (!started.ok()) return Start(candidate + 1);
  keeper_.emplace(std::move(*started));
  loop_->Add(keeper_->socket.get(), EPOLLIN, [this, candidate](std::uint32_t) { Hear(candidate); });
}

// Either it is ready, or this is its end: then it was killed, or is not to be had.
void WayOut::Hear(std::size_t candidate) {
  char first = 0;
  const bool ready = ::recv(keeper_->socket.get(), &first, 1, MSG_DONTWAIT) == 1 && first == kWayOutReady;
  if (ready) {
    ready_ = true;
    return Settle();
  }
  End();
  if (std::exchange(ready_, false)) return StartLater(kUntilNext);
  Start(candidate + 1);
}

void WayOut::Settle() {
  settled_ = true;
  for (const auto& then : std::exchange(waiting_, {})) then();
}

void WayOut::StartLater(std::chrono::milliseconds delay) {
  timer_ = loop_->After(delay, [this] {
    timer_.reset();
    Start(0);
  });
}

void WayOut::End() {
  if (!keeper_) return;
  loop_->Remove(keeper_->socket.get());
  KillAndReap(keeper_->pidfd.get());
  keeper_.reset();
}

void WayOut::Close() {
  if (timer_) loop_->Cancel(*std::exchange(timer_, std::nullopt));
  End();
}

}  // namespace tsc
