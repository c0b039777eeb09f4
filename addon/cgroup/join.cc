// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <bit>

#include "cgroup/cgroup.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {

// A thread that moves itself by writing 0 to v1's `tasks` is spared the lock over all of the machine's threads whose taking waits for an
// RCU grace period (kernel/cgroup/cgroup.c, cgroup_procs_write_start, since 5.5): 0.07 ms for five hierarchies where `cgroup.procs`
// takes 7.
Status Cgroup::Join(pid_t pid) const {
  auto kept = tasks_.begin();
  const bool open = pid == 0 && tasks_.size() == static_cast<std::size_t>(std::popcount(joins_));
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!(joins_ & 1U << i)) continue;
    const int base = base_->hierarchies[i].base.get();
    if (open) {
      if (::write((kept++)->get(), "0", 1) != 1) return Errno("join cgroup", container_);
    } else if (pid == 0) {
      TSC_TRY(WriteFileAt(base, ((made_ & 1U << i ? name_ : container_) + "/tasks").c_str(), "0"));
    } else {
      TSC_TRY(WriteFileAt(base, ((made_ & 1U << i ? name_ : container_) + "/cgroup.procs").c_str(), std::to_string(pid)));
    }
  }
  return {};
}

void Cgroup::KeepJoin() {
  if (tasks_.size() == static_cast<std::size_t>(std::popcount(joins_))) return;
  tasks_.clear();
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!(joins_ & 1U << i)) continue;
    UniqueFd tasks(::openat(base_->hierarchies[i].base.get(), (container_ + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
    if (!tasks) return tasks_.clear();
    tasks_.push_back(std::move(tasks));
  }
}

bool Cgroup::joins_apart() const { return (joins_ & made_) != 0; }

Status Cgroup::JoinUnified(pid_t pid) const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return {};
  return WriteFileAt(tree->base.get(), (name_ + "/cgroup.procs").c_str(), std::to_string(pid));
}

}  // namespace tsc
