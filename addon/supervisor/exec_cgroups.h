// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cgroup/cgroup.h"

namespace tsc {

// Of an exec, and what is asked of it at the end.
struct ExecCgroup {
  Cgroup cgroup;
  ExecAccount account;
  bool killed = false;

  // Everything in it. Linux 6.18 still kills whatever is cloned into a cgroup that was killed once (kernel/cgroup/cgroup.c: cgroup_css_set_fork
  // takes the parent's kill_seq, cgroup_post_fork compares it with the new one's).
  Status Kill() {
    killed = true;
    return cgroup.Kill();
  }
};

// The cgroups of one container's execs. That of one which has ended with all of its processes serves the next one: making and removing one is a
// tenth of a short exec, and more for the kernel afterwards. Nobody in the container can change what is set in it, nor make anything below.
class ExecCgroups {
 public:
  // For one of that name. `limited`: for itself alone. Then, and from then on, each has a new one: what has a memory controller of its own
  // counts those who were killed for want of memory.
  Result<ExecCgroup> Take(const Cgroup& container, const std::string& name, bool limited);
  // Nobody is in it. False: it cannot serve again, and is to be removed.
  bool GiveBack(ExecCgroup* used);
  // The container has ended, and they with it.
  void Reset();

 private:
  std::optional<ExecCgroup> spare_;
  bool limited_ = false;
};

}  // namespace tsc
