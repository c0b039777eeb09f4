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
// A clone slows the mounts of the container that goes on meanwhile; while a program starts it disturbs nobody.
constexpr std::chrono::milliseconds kRefill{1};
constexpr int kRemoveAttempts = 20;

// A child that left the host's tree gets no new one of these.
bool Serves(const Parked& parked, const std::vector<FileSystemKind>& wanted) {
  const auto& made = parked.file_systems;
  return std::all_of(wanted.begin(), wanted.end(), [&made](const FileSystemKind& kind) {
    return (kind.type != "proc" && kind.type != "sysfs") || std::count(made.begin(), made.end(), kind) > 0;
  });
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
  file_systems_ = {{"proc", {}}, {"sysfs", {}}};  // there is no container yet, but every one has these
  Fill();
}

// Where none can be made the containers' own clones will say why. One that failed is not asked for again before it is missed.
void Parking::Fill() {
  const bool counted = host_->cgroups->version() != CgroupVersion::kNone;
  while (open_ && parked_.size() + asked_ < wanted_) {
    const std::string cgroup = counted ? "parked-" + std::to_string(::getpid()) + "-" + std::to_string(++made_) : "";
    const auto asked = nursery_->AskForChild(cgroup, file_systems_, [this, cgroup, made = file_systems_](Result<Launched> child) {
      --asked_;
      if (child.ok()) TakeIn(cgroup, {std::move(*child), {}, made});
    });
    if (!asked.ok()) return;
    ++asked_;
  }
}

void Parking::TakeIn(const std::string& cgroup, Parked parked) {
  auto adopted = cgroup.empty() ? Result<Cgroup>(Fail("open cgroup", ENOENT)) : host_->cgroups->Adopt(cgroup);
  if (adopted.ok()) parked.cgroup = std::move(*adopted);
  if (!open_ || (!cgroup.empty() && !parked.cgroup)) return EndParked(&parked);
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

std::optional<Parked> Parking::Take(const std::vector<FileSystemKind>& file_systems) {
  if (!open_) return {};
  file_systems_ = file_systems;
  while (!parked_.empty() && HasEnded(parked_.front())) Drop(parked_.front().launched.pidfd.get());
  if (parked_.empty()) {
    WantMore();
    Fill();
    return {};
  }
  if (!Serves(parked_.front(), file_systems)) return {};
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
  for (auto& parked : parked_) {
    loop_->Remove(parked.launched.pidfd.get());
    EndParked(&parked);
  }
  parked_.clear();
}

}  // namespace tsc
