// SPDX-License-Identifier: Apache-2.0
#include "supervisor/way_out.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "core/reap.h"
#include "supervisor/held_namespaces.h"
#include "supervisor/unix_socket.h"

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kUntilNext(200);
// A host that is not online yet, or has no such program, may be another one later.
constexpr std::chrono::seconds kUntilAnotherTry(10);
constexpr int kUntilLeftMs = 2000;
constexpr const char kSocket[] = "v1/outbound.sock";

// What becomes of it without us.
enum class Parting { kStays, kEnds, kSilent };

// One that says that it ends waits for its program. One that says nothing stands still, and others may need it when it goes on.
Parting PartFrom(int socket) {
  Parting parting = Parting::kSilent;
  if (::send(socket, &kWayOutLeave, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) return Parting::kEnds;
  pollfd watched{socket, POLLIN, 0};
  while (::poll(&watched, 1, kUntilLeftMs) == 1) {
    char answer = 0;
    if (::recv(socket, &answer, 1, MSG_DONTWAIT) != 1) return Parting::kEnds;
    if (answer == kWayOutStays) return Parting::kStays;
    if (answer == kWayOutEnds) parting = Parting::kEnds;
  }
  return parting;
}

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
  auto started = FindOrStart(programs_[candidate]);
  if (!started.ok()) return Start(candidate + 1);
  keeper_.emplace(std::move(*started));
  loop_->Add(keeper_->socket.get(), EPOLLIN, [this, candidate](std::uint32_t) { Hear(candidate); });
}

// One that somebody else began has no pidfd.
Result<WayOutKeeper> WayOut::FindOrStart(const WayOutProgram& program) {
  const auto lock = TSC_TRY(LockNamespaces(host_->run_dir.get()));
  auto found = ConnectUnix(host_->run_dir.get(), kSocket);
  if (found.ok()) return WayOutKeeper{{}, std::move(*found)};
  const auto listener = TSC_TRY(ListenUnix(host_->run_dir.get(), kSocket));
  return StartWayOut(program, network_namespace_, listener.get());
}

// Either it is ready, or this is its end: then it was killed, or is not to be had.
void WayOut::Hear(std::size_t candidate) {
  char first = 0;
  const bool ready = ::recv(keeper_->socket.get(), &first, 1, MSG_DONTWAIT) == 1 && first == kWayOutReady;
  if (ready) {
    ready_ = true;
    return Settle();
  }
  const bool others = !keeper_->pidfd;
  End();
  if (std::exchange(ready_, false) || others) return StartLater(kUntilNext);
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
  if (keeper_->pidfd) KillAndReap(keeper_->pidfd.get());
  keeper_.reset();
}

void WayOut::Close() {
  if (timer_) loop_->Cancel(*std::exchange(timer_, std::nullopt));
  if (!keeper_) return;
  loop_->Remove(keeper_->socket.get());
  const bool ends = PartFrom(keeper_->socket.get()) == Parting::kEnds;
  if (ends && keeper_->pidfd) AwaitAndReap(keeper_->pidfd.get());
  keeper_.reset();
  if (ends) ForgetWayOut(*host_);
}

// Unless somebody has begun another one meanwhile.
void ForgetWayOut(const Host& host) {
  const auto lock = LockNamespaces(host.run_dir.get());
  if (lock.ok() && !ConnectUnix(host.run_dir.get(), kSocket).ok()) ::unlinkat(host.run_dir.get(), kSocket, 0);
}

}  // namespace tsc
