// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/tree.h"
#include "core/paths.h"

namespace tsc {

// A thread that moves itself by writing 0 to v1's `tasks` is spared the lock over all of the machine's threads whose taking waits for an
// RCU grace period (kernel/cgroup/cgroup.c, cgroup_procs_write_start, since 5.5): 0.07 ms for five hierarchies where `cgroup.procs`
// takes 7.
Status Cgroup::Join(pid_t pid) const {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!(joins_ & 1U << i)) continue;
    const int base = base_->hierarchies[i].base.get();
    const bool open = kept < tasks_.size();
    if (pid == 0 && open) {
      if (::write(tasks_[kept++].get(), "0", 1) != 1) return Errno("join cgroup", container_);
    } else if (pid == 0) {
      TSC_TRY(WriteFileAt(base, ((made_ & 1U << i ? name_ : container_) + "/tasks").c_str(), "0"));
    } else {
      TSC_TRY(WriteFileAt(base, ((made_ & 1U << i ? name_ : container_) + "/cgroup.procs").c_str(), std::to_string(pid)));
    }
  }
  return {};
}

Status Cgroup::JoinUnified(pid_t pid) const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return {};
  return WriteFileAt(tree->base.get(), (name_ + "/cgroup.procs").c_str(), std::to_string(pid));
}

}  // namespace tsc
