// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <functional>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/child_container.h"
#include "runtime/container_plan.h"

namespace tsc {

// A process that was cloned and goes its own way; its reports arrive at `control`, its end at `pidfd`.
struct Launched {
  pid_t pid = 0;
  UniqueFd pidfd;
  UniqueFd control;
  UniqueFd exec_status;  // containers only: ends when the program runs, or never will
  UniqueFd mounts;       // parked ones only: the mount namespace. While somebody holds it no end of a process waits until it is taken down
};

// Clones the first process of a container into its namespaces and cgroup, and writes its id maps. Does not wait for it.
Result<Launched> LaunchContainer(const ContainerPlan& plan);

// A child that is isolated already and waits for a plan: cloning one costs the better part of a start, above all the network namespace, and
// this can be done while nobody waits. It is good for every container that has all these namespaces for itself and the same id maps.
inline constexpr int kParkedNamespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP;
Result<Launched> LaunchParked(ParkedRequest& request);
// It then goes on as a child of LaunchContainer does. The plan has an init or is idle, and has no oom score. E2BIG: it is too large for
// this.
Status Unpark(const Launched& parked, const ContainerPlan& plan);

// Clones a process into the target's pid namespace; it joins the others by itself.
Result<Launched> LaunchExec(ExecPlan& plan);

}  // namespace tsc
