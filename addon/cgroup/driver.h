// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/base.h"
#include "cgroup/cgroup.h"
#include "cgroup/resources.h"
#include "core/result.h"

namespace tsc {

struct CgroupOptions {
  std::string name;  // of the engine's own directory in each tree: "tscontainer-<hash>"
  // Others chose the name: it is a path, "." the top of each tree, and what is there already, without a process in it, is used.
  bool chosen = false;
  // v1: the hierarchies every container enters. cpuset and blkio are entered when the resources need them, freezer where there is no
  // unified tree to freeze and kill in, and cpuacct where that tree does not count the time anyway.
  ControllerSet v1_always = kMemory | kCpu | kPids | kDevices;
};

// The control groups of one engine, whatever version the host has. One a supervisor; single-threaded. Uses the mounts that are there,
// moves no process but its own, and changes no setting of the host but cgroup.subtree_control.
class CgroupDriver {
 public:
  // Finds the trees, decides what is usable and makes the engine's directory. That nothing is usable is no error: version() is kNone
  // then, and reason("") says why and what helps.
  static Result<CgroupDriver> Open(const CgroupOptions& options);

  const std::string& name() const { return base_->name; }
  CgroupVersion version() const { return base_->version; }
  // Of memory swap cpu cpuset pids io io-weight devices freeze pressure kill oom: those that work here.
  const std::vector<std::string>& controllers() const { return base_->names; }
  // Why one of them is missing and what helps, one short sentence; empty when it is there.
  const std::string& reason(std::string_view controller = "") const;

  // ENOTSUP, step "cgroup limit" and the name of what was asked for ("memory", "memory+swap", "cpu", "io weight" …), for a limit that
  // cannot be held here.
  Status Check(const CgroupResources& resources) const;

  // Makes the cgroups of one container, empty, with these limits. EINVAL: not a name; EEXIST: in use, or left by a crash.
  Result<Cgroup> Create(const std::string& name, const CgroupResources& resources);
  // One that exists, made by an earlier supervisor. ENOENT: there is none.
  Result<Cgroup> Adopt(const std::string& name);

  // After a crash: kills and removes every cgroup below the base that is not kept. Waits for the processes, at most 2 seconds.
  Status Reclaim(const std::function<bool(std::string_view name)>& keep);

  // Moves the calling process (of one thread) out of its caller's cgroup into <base>/.supervisor of the unified tree, so that whoever ends
  // the caller's service or session does not end it. ENOTSUP where there is no unified tree. May take 10 ms.
  Status MoveSelf();

  // Goes back where MoveSelf came from and removes the base, where nothing is left in it.
  Status Close();

 private:
  bool IsInSelf() const;

  explicit CgroupDriver(std::shared_ptr<CgroupBase> base) : base_(std::move(base)) {}

  std::shared_ptr<CgroupBase> base_;
  UniqueFd came_from_;  // cgroup.procs of where MoveSelf was called
};

}  // namespace tsc
