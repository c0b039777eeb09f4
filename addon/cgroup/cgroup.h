// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cgroup/base.h"
#include "cgroup/exec_account.h"
#include "cgroup/oom_watch.h"
#include "cgroup/pressure.h"
#include "cgroup/resources.h"
#include "cgroup/usage.h"
#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// The cgroups of one container, or of one exec inside of it. Limits are on `<id>`; the container's first process is in `<id>` too, its
// execs are in `<id>/<name>`: until an exec has limits of its own, `<id>` has no subtree_control, so v2's rule against processes in inner
// nodes does not apply, the container's cgroup namespace is rooted where its limits can be read, and killing or freezing `<id>` takes all.
// Move-only. The end of the object removes nothing. Holds one descriptor, and one a v1 hierarchy until ReleaseJoin.
class Cgroup {
 public:
  // v2: where the container's processes are, below its own cgroup, once an exec has limits of its own.
  static constexpr const char* kMainName = "main";

  Cgroup(Cgroup&&) = default;
  Cgroup& operator=(Cgroup&&) = default;

  // For clone3(CLONE_INTO_CGROUP); -1 where there is no unified tree.
  int clone_fd() const { return clone_.get(); }
  // There are v1 hierarchies that clone3 cannot enter.
  bool needs_join() const { return joins_ != 0; }
  // Enters every v1 hierarchy. 0: the calling process, which must have one thread; costs microseconds, and works from within any
  // namespace. Another pid: its whole process; after 200 ms of idleness this waits for a grace period (5-15 ms), which the former does not.
  Status Join(pid_t pid) const;
  // The unified tree, for a process that was not cloned into it. Always costs the grace period. Fine where there is none.
  Status JoinUnified(pid_t pid) const;
  // Closes the descriptors that Join keeps. Join still works, with look-ups.
  void ReleaseJoin() { tasks_.clear(); }
  // Opens them again, for a container that is joined by one exec after the other.
  void KeepJoin();
  // An exec: whether it has v1 directories of its own. Otherwise its Join is its container's.
  bool joins_apart() const;

  // Sets what is given and leaves the rest; for running containers too. EBUSY: more memory is in use than that.
  Status Apply(const CgroupResources& resources);

  // Kills every process here and below. Returns when all have the signal (cgroup.kill) or, without that, when none is left.
  Status Kill();
  // Stops or resumes every process here and below and waits until it is so. ETIMEDOUT: not all obeyed in time (the request stands).
  Status Freeze(bool frozen, int timeout_ms = 2000);
  // The same without waiting. A descriptor to watch for EPOLLPRI, after each event of which IsFrozen tells; none when it already is so.
  // Without a unified tree it waits (v1 tells nobody).
  Result<UniqueFd> BeginFreeze(bool frozen);
  Result<bool> IsFrozen() const;

  // Whether a process is here or below. A zombie is none.
  Result<bool> Populated() const;
  // cgroup.events, which says EPOLLPRI when Populated or IsFrozen changes. ENOTSUP without a unified tree.
  Result<UniqueFd> Events() const;

  Result<CgroupUsage> Usage() const;
  // v1 counts io only of who is in its hierarchy, which costs each life something. Makes this container's cgroup there; true: what runs
  // has still to be moved in by MoveIntoIo. False: it is there, or nothing has to be done, or nothing can.
  Result<bool> EnterIo();
  // May take 15 ms: for a child of the supervisor, which keeps `descriptors`.
  Status MoveIntoIo() const;
  std::vector<int> descriptors() const;
  // Only cpu_ns and memory_peak_bytes: what is still asked for when all is over. Each file more would be paid for by every life.
  CgroupUsage Spent() const;
  // ENOTSUP where there is no memory controller, and for an exec.
  Result<OomWatch> WatchOom() const;
  // How many processes were killed for want of memory; of a container without those of execs that count for themselves. ENOTSUP: an exec
  // that does not, and is counted with its container.
  Result<std::uint64_t> OomKills() const;

  // Of "cpu", "memory", "io". ENOTSUP without a unified tree, or where the kernel does not measure it; whatever its controllers are.
  Result<Pressure> PressureOn(const char* resource) const;
  // A descriptor to watch for EPOLLPRI, each of which is one event; EPOLLERR when the cgroup is gone. EINVAL: not such a window.
  Result<UniqueFd> WatchPressure(const PressureTrigger& trigger) const;

  // A cgroup for one exec in the container. Only in the unified tree: v1 hierarchies are shared with the container.
  Result<Cgroup> CreateExec(const std::string& name) const;
  // An exec's. Says nothing where there is no unified tree.
  ExecAccount Account() const;
  // Limits this exec alone, before anything runs in it; memory, cpu and pids. v1: it gets directories of its own in those hierarchies,
  // which Join enters. v2 has no limits below a cgroup that holds processes itself: with the first such exec the container's go from `<id>`
  // to `<id>/main`, which waits for a grace period (5-15 ms).
  Status Limit(const CgroupResources& resources);
  // Hands the unified cgroup to an owner inside the container (its directory and the files by which processes are moved and controllers
  // enabled; not the limits). cgroup v2, "Delegation containment".
  Status Delegate(uid_t uid, gid_t gid) const;

  // Removes everything made, and what the container made inside. EBUSY: still populated.
  Status Remove();

  const std::string& name() const { return name_; }

 private:
  friend class CgroupDriver;
  Cgroup(std::shared_ptr<CgroupBase> base, std::string container, std::string name)
      : base_(std::move(base)), container_(std::move(container)), name_(std::move(name)) {}

  Status Make(const CgroupResources& resources);
  Status Enter(std::size_t index);      // makes the directory in one hierarchy
  Status EnterLate(std::size_t index);  // for a running container: with its processes
  Status MoveInto(std::size_t index) const;
  Status OpenClone();
  Status Demand(const CgroupResources& resources);
  Result<std::vector<pid_t>> Processes() const;
  Status KillByHand();
  Status FreezeV1(bool frozen, int timeout_ms);
  Status Divide(ControllerSet controllers) const;
  Status DivideOnce(ControllerSet controllers) const;
  bool is_exec() const { return container_.size() != name_.size(); }
  // Where the counts of a controller are: an exec has some of its own only where it is limited. Null: nowhere.
  const Hierarchy* Counting(ControllerSet controller) const;
  Result<std::uint64_t> OomKillsV2() const;
  const Hierarchy* freezer() const;

  std::shared_ptr<CgroupBase> base_;
  std::string container_;      // "<id>"
  std::string name_;           // "<id>" or "<id>/<exec>", in the unified tree
  std::uint32_t made_ = 0;     // bit n: there is a directory of ours in hierarchy n
  std::uint32_t joins_ = 0;    // bit n: v1 hierarchy n is to be joined, at name_ where made_, else at container_
  ControllerSet limited_ = 0;  // exec: those that limit it alone
  UniqueFd clone_;
  std::vector<UniqueFd> tasks_;  // container: `tasks` of the hierarchies in joins_, lowest bit first
};

}  // namespace tsc
