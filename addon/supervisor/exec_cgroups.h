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
  bool shared = false, killed = false;

  // Everything in it. Linux 6.18 still kills whatever is cloned into a cgroup that was killed once (kernel/cgroup/cgroup.c:
  // cgroup_css_set_fork takes the caller's kill_seq, cgroup_post_fork compares it with that of the new one).
  Status Kill() {
    killed = true;
    return cgroup.Kill();
  }
};

// The cgroups of one container's execs. That of one which has ended with all of its processes serves the next one: making and removing one
// is a tenth of a short exec, and more for the kernel afterwards.
class ExecCgroups {
 public:
  enum class Kind {
    kShared,   // one after the other may have the same
    kOwn,      // it could change what is set there
    kLimited,  // for itself alone. From then on nobody shares one: what has a memory controller of its own counts those whom it killed
  };

  // For one of that name.
  Result<ExecCgroup> Take(const Cgroup& container, const std::string& name, Kind kind);
  // Nobody is in it. False: it cannot serve again, and is to be removed.
  bool GiveBack(ExecCgroup* used);
  // The container has ended, and they with it.
  void Reset();

 private:
  std::optional<ExecCgroup> spare_;
  bool limited_ = false;
};

}  // namespace tsc
