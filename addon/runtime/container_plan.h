// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/unique_fd.h"
#include "runtime/seccomp.h"
#include "runtime/spec.h"

namespace tsc {

struct Stdio {
  UniqueFd in, out, err;  // an empty one becomes /dev/null
  bool given[3] = {};     // pipes of the engine's own, which become the user's: then they can be opened by /dev/stdout
};

// One v1 hierarchy (or the unified tree of a hybrid host) as it is to be seen below /sys/fs/cgroup.
struct CgroupView {
  std::string name;  // "memory", "cpu,cpuacct", "unified"
  UniqueFd tree;     // a detached bind of the container's own directory
};

// Namespaces of another container that this one shares: its first process is born in them, and their kinds are not cloned.
struct JoinedNamespaces {
  int target = -1;  // pidfd of the other's first process, borrowed
  int kinds = 0;    // CLONE_NEW…; CLONE_NEWUSER too where the other has one: it owns the rest
};

// Everything a container's first process needs, acquired before it is cloned: descriptors are inherited, nothing is looked up by a path
// that a container could have shaped.
struct ContainerPlan {
  Spec spec;
  UniqueFd root;                       // the root file system: a detached mount
  std::vector<UniqueFd> bind_sources;  // one for each of spec.mounts, empty where it is no bind
  std::vector<CgroupView> cgroup_views;
  JoinedNamespaces joined;
  std::shared_ptr<const SeccompProgram> seccomp;
  Stdio stdio;
  int cgroup = -1;                       // for CLONE_INTO_CGROUP, borrowed
  std::function<Status()> join_cgroups;  // run by the child: v1 hierarchies, which clone3 cannot enter
  bool host_sysfs = false;               // the network is not the container's own: /sys is the host's, read-only
  bool init = true;                      // our init is PID 1 and the program its child
  bool idle = false;                     // only our init runs
};

// What an exec needs.
struct ExecPlan {
  Process process;
  int target = -1;     // pidfd of the container's first process, borrowed
  int namespaces = 0;  // CLONE_NEW… of those of the target to join; it shares the others with us, and without root we could not join them
  std::shared_ptr<const SeccompProgram> seccomp;
  Stdio stdio;
  int cgroup = -1;
  std::function<Status()> join_cgroups;
  bool minded = false;    // there is no cgroup to hold its tree: child_minder.h
  bool detached = false;  // what it leaves running may stay
};

}  // namespace tsc
