// SPDX-License-Identifier: Apache-2.0
#include "supervisor/parking.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr std::size_t kParked = 2;
constexpr int kRemoveAttempts = 20;

}  // namespace

void EndParked(Parked* parked) {
  sys::pidfd_send_signal(parked->launched.pidfd.get(), SIGKILL);
  siginfo_t info{};
  sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(parked->launched.pidfd.get()), &info, WEXITED, nullptr);
  for (int i = 0; parked->cgroup && i < kRemoveAttempts; ++i) {
    if (const auto removed = parked->cgroup->Remove(); removed.ok() || removed.failure().error != EBUSY) return;
    ::usleep(500);
  }
}

void Parking::Open() {
  open_ = true;
  Fill();
}

// One at a time between events, since each takes the kernel half a millisecond.
void Parking::Fill() {
  if (!open_ || filling_ || parked_.size() >= kParked) return;
  filling_ = true;
  loop_->Later([this] {
    filling_ = false;
    if (open_ && Park()) loop_->After(std::chrono::milliseconds(1), [this] { Fill(); });
  });
}

// Where none can be made the containers' own clones will say why.
bool Parking::Park() {
  Parked parked;
  ParkedRequest request;
  if (host_->cgroups->version() != CgroupVersion::kNone) {
    auto cgroup = host_->cgroups->Create("parked-" + std::to_string(::getpid()) + "-" + std::to_string(++made_), {});
    if (!cgroup.ok()) return false;
    parked.cgroup = std::move(*cgroup);
    request.cgroup = parked.cgroup->clone_fd();
    if (parked.cgroup->needs_join()) request.join_cgroups = [&parked] { return parked.cgroup->Join(0); };
  }
  if (host_->user_namespaces) request.id_maps = host_->id_maps;
  auto launched = LaunchParked(request);
  if (!launched.ok()) {
    if (parked.cgroup) (void)parked.cgroup->Remove().ok();
    return false;
  }
  parked.launched = std::move(*launched);
  if (parked.cgroup) parked.cgroup->ReleaseJoin();
  const int pidfd = parked.launched.pidfd.get();
  loop_->Add(pidfd, EPOLLIN, [this, pidfd](std::uint32_t) { Drop(pidfd); });
  parked_.push_back(std::move(parked));
  return true;
}

// It ended before it was used: somebody killed it, or it failed.
void Parking::Drop(int pidfd) {
  loop_->Remove(pidfd);
  const auto it = std::find_if(parked_.begin(), parked_.end(), [pidfd](const Parked& p) { return p.launched.pidfd.get() == pidfd; });
  if (it == parked_.end()) return;
  EndParked(&*it);
  parked_.erase(it);
}

std::optional<Parked> Parking::Take() {
  if (parked_.empty()) {
    Fill();
    return {};
  }
  Parked parked = std::move(parked_.front());
  parked_.pop_front();
  loop_->Remove(parked.launched.pidfd.get());
  Fill();
  return parked;
}

void Parking::Close() {
  open_ = false;
  for (auto& parked : parked_) {
    loop_->Remove(parked.launched.pidfd.get());
    EndParked(&parked);
  }
  parked_.clear();
}

}  // namespace tsc
