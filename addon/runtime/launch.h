// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/container_plan.h"

namespace tsc {

// A process that was cloned and goes its own way; its reports arrive at `control`, its end at `pidfd`.
struct Launched {
  pid_t pid = 0;
  UniqueFd pidfd;
  UniqueFd control;
  UniqueFd exec_status;  // containers only: ends when the program runs, or never will
};

// Clones the first process of a container into its namespaces and cgroup, and writes its id maps. Does not wait for it.
Result<Launched> LaunchContainer(const ContainerPlan& plan);

// Clones a process into the target's pid namespace; it joins the others by itself.
Result<Launched> LaunchExec(ExecPlan& plan);

}  // namespace tsc
