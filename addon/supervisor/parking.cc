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

constexpr std::chrono::milliseconds kCalm{1000};
// A clone slows the mounts of the container that goes on meanwhile; while a program starts it disturbs nobody.
constexpr std::chrono::milliseconds kRefill{1};
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

// Where there is no nursery to be had, the containers' own clones will say why.
void Parking::Fill() {
  if (!open_) return;
  if (!nursery_) {
    auto started = Nursery::Start(*host_);
    if (!started.ok()) return;
    nursery_ = std::move(*started);
    loop_->Add(nursery_->fd(), EPOLLIN, [this](std::uint32_t) { OnNursery(); });
  }
  const bool counted = host_->cgroups->version() != CgroupVersion::kNone;
  while (parked_.size() + nursery_->asked() < wanted_) {
    const std::string cgroup = counted ? "parked-" + std::to_string(::getpid()) + "-" + std::to_string(++made_) : "";
    if (!nursery_->Ask(cgroup).ok()) return;
  }
}

void Parking::OnNursery() {
  while (nursery_ && TakeIn()) {
  }
}

// One that could not be made is not asked for again before it is missed.
bool Parking::TakeIn() {
  auto born = nursery_->Take();
  if (!born.ok()) {
    if (born.failure().error == EPIPE) LoseNursery();
    return nursery_ && born.failure().error != EAGAIN;
  }
  Parked parked{std::move(born->launched), {}};
  if (!born->cgroup.empty()) {
    auto cgroup = host_->cgroups->Adopt(born->cgroup);
    if (!cgroup.ok()) {
      EndParked(&parked);
      return true;
    }
    parked.cgroup = std::move(*cgroup);
  }
  Keep(std::move(parked));
  return true;
}

void Parking::Keep(Parked parked) {
  const int pidfd = parked.launched.pidfd.get();
  loop_->Add(pidfd, EPOLLIN, [this, pidfd](std::uint32_t) { Drop(pidfd); });
  parked_.push_back(std::move(parked));
}

// It ended before it was used: somebody killed it, or it failed.
void Parking::Drop(int pidfd) {
  loop_->Remove(pidfd);
  const auto it = std::find_if(parked_.begin(), parked_.end(), [pidfd](const Parked& p) { return p.launched.pidfd.get() == pidfd; });
  if (it == parked_.end()) return;
  EndParked(&*it);
  parked_.erase(it);
}

// Somebody killed it. What it had begun sees that too, and its cgroups go when the engine opens the next time.
void Parking::LoseNursery() {
  loop_->Remove(nursery_->fd());
  nursery_->Close();
  nursery_.reset();
}

std::optional<Parked> Parking::Take() {
  if (!open_) return {};
  if (parked_.empty() && nursery_) OnNursery();
  if (parked_.empty()) {
    WantMore();
    Fill();
    return {};
  }
  Parked parked = std::move(parked_.front());
  parked_.pop_front();
  loop_->Remove(parked.launched.pidfd.get());
  if (parked_.empty())
    Fill();
  else
    loop_->After(kRefill, [this] { Fill(); });
  return parked;
}

// Each is a process and a network namespace, so those beyond the fewest go when nobody wanted more for a while.
void Parking::WantMore() {
  wanted_ = std::min(wanted_ * 2, kMost);
  if (calm_) loop_->Cancel(*calm_);
  calm_ = loop_->After(kCalm, [this] {
    calm_.reset();
    wanted_ = kFewest;
    while (parked_.size() > wanted_) {
      loop_->Remove(parked_.back().launched.pidfd.get());
      EndParked(&parked_.back());
      parked_.pop_back();
    }
  });
}

void Parking::Close() {
  open_ = false;
  if (nursery_) {
    nursery_->Close();
    OnNursery();
  }
  for (auto& parked : parked_) {
    loop_->Remove(parked.launched.pidfd.get());
    EndParked(&parked);
  }
  parked_.clear();
}

}  // namespace tsc
