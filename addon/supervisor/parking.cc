// SPDX-License-Identifier: Apache-2.0
#include "supervisor/parking.h"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "core/reap.h"

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kCalm{1000};
constexpr int kRemoveAttempts = 20;

// What every container has: a procfs and a sysfs.
Spec UsualSpec() {
  Spec spec;
  for (const auto& [type, place] : {std::pair("proc", "/proc"), std::pair("sysfs", "/sys")}) {
    Mount mount;
    mount.destination = place;
    mount.type = type;
    spec.mounts.push_back(std::move(mount));
  }
  return spec;
}

// Said by the kernel before the loop comes to it.
bool HasEnded(const Parked& parked) {
  pollfd end{parked.launched.pidfd.get(), POLLIN, 0};
  return ::poll(&end, 1, 0) > 0;
}

}  // namespace

void EndParked(Parked* parked) {
  KillAndReap(parked->launched.pidfd.get());
  for (int i = 0; parked->cgroup && i < kRemoveAttempts; ++i) {
    if (const auto removed = parked->cgroup->Remove(); removed.ok() || removed.failure().error != EBUSY) return;
    ::usleep(500);
  }
}

void Parking::Open() {
  open_ = true;
  trees_ = KernelTreesOf(UsualSpec());  // there is no container yet
  OnDemand();
}

// Their mounts are taken down by the nursery, which nobody waits for.
void Parking::OnDemand() {
  for (; parked_.size() > demand_.wanted(); parked_.pop_back()) {
    auto& last = parked_.back();
    loop_->Remove(last.launched.pidfd.get());
    EndParked(&last);
    nursery_->Bury(std::move(last.launched.mounts));
  }
  demand_.Owe(parked_.size() + asked_);
  MakeNext();
}

void Parking::OnTaken() {
  if (open_ && parked_.size() + asked_ < Demand::kFew) (void)Ask();
}

void Parking::MakeNext() {
  if (open_ && demand_.TakeOwed(asked_)) (void)Ask();
}

// Where none can be made the containers' own clones will say why.
bool Parking::Ask() {
  const bool counted = host_->cgroups->version() != CgroupVersion::kNone;
  const std::string cgroup = counted ? "parked-" + std::to_string(::getpid()) + "-" + std::to_string(++made_) : "";
  const auto asked = nursery_->AskForChild(cgroup, trees_, [this, cgroup, made = trees_](Result<Launched> child) {
    --asked_;
    if (child.ok()) {
      TakeIn(cgroup, {std::move(*child), {}, made});
    } else {
      if (!cgroup.empty()) left_.insert(cgroup);
      RemoveLeft();
    }
    MakeNext();
  });
  if (asked.ok()) ++asked_;
  return asked.ok();
}

void Parking::TakeIn(const std::string& cgroup, Parked parked) {
  auto adopted = cgroup.empty() ? Result<Cgroup>(Fail("open cgroup", ENOENT)) : host_->cgroups->Adopt(cgroup);
  if (adopted.ok()) parked.cgroup = std::move(*adopted);
  if (!open_ || (!cgroup.empty() && !parked.cgroup)) {
    EndParked(&parked);
    if (!cgroup.empty() && !parked.cgroup) left_.insert(cgroup);
    return RemoveLeft();
  }
  const int pidfd = parked.launched.pidfd.get();
  loop_->Add(pidfd, EPOLLIN, [this, pidfd](std::uint32_t) { Drop(pidfd); });
  parked_.push_back(std::move(parked));
}

// There may be no descriptors for it just now, and what was born for a nursery that is gone is still about to end.
void Parking::RemoveLeft() {
  std::erase_if(left_, [this](const std::string& name) {
    auto cgroup = host_->cgroups->Adopt(name);
    if (!cgroup.ok()) return cgroup.failure().error == ENOENT;
    (void)cgroup->Kill().ok();
    return cgroup->Remove().ok();
  });
  if (left_.empty() || left_timer_) return;
  left_timer_ = loop_->After(kCalm, [this] {
    left_timer_.reset();
    RemoveLeft();
  });
}

// It ended before it was used: somebody killed it, or it failed.
void Parking::Drop(int pidfd) {
  loop_->Remove(pidfd);
  const auto it = std::find_if(parked_.begin(), parked_.end(), [pidfd](const Parked& p) { return p.launched.pidfd.get() == pidfd; });
  if (it == parked_.end()) return;
  EndParked(&*it);
  parked_.erase(it);
}

std::optional<Parked> Parking::Take(const Spec& spec) {
  if (!open_) return {};
  trees_ = KernelTreesOf(spec);
  while (!parked_.empty() && HasEnded(parked_.front())) Drop(parked_.front().launched.pidfd.get());
  demand_.Note();
  if (parked_.empty()) {
    (void)Ask();  // this one goes without: there are more at a time than are made meanwhile
    return {};
  }
  if (!CanFurnish(parked_.front().trees, spec)) return {};
  Parked parked = std::move(parked_.front());
  parked_.pop_front();
  loop_->Remove(parked.launched.pidfd.get());
  return parked;
}

void Parking::Close() {
  open_ = false;
  demand_.End();
  for (auto& parked : parked_) {
    loop_->Remove(parked.launched.pidfd.get());
    EndParked(&parked);
  }
  parked_.clear();
  for (int i = 0; !left_.empty() && i < kRemoveAttempts; ++i) {
    RemoveLeft();
    if (!left_.empty()) ::usleep(500);
  }
}

}  // namespace tsc
