// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>

#include "runtime/aside.h"
#include "runtime/child_ahead.h"
#include "runtime/container_plan.h"

namespace tsc {

// The life of a container's first process, from clone to exec. `control` is a SOCK_SEQPACKET end (child_report.h); `exec_status` the
// write end of a close-on-exec pipe that the program alone keeps until it is replaced.
// `namespaces` are the CLONE_NEW… flags of those that are its own.
[[noreturn]] void ChildRunContainer(const ContainerPlan& plan, int control, int exec_status, int namespaces);

// What a parked child is made with, which does not wait for its plan.
struct ParkedRequest {
  int cgroup = -1;
  std::function<Status()> join_cgroups;
  std::vector<IdMapping> id_maps;  // empty: no user namespace
  bool sibling = false;            // not a child of the caller, but of the caller's parent
  // Made ahead: child_ahead.h.
  std::vector<KernelTree> trees;
  UniqueFd device_file_system;
  bool binds_devices = false;
  const Aside* aside = nullptr;  // what it stands in until it is done with that
};

// The same as ChildRunContainer, but isolated before there is a plan (LaunchParked), and in two processes already: the caller goes on as
// init, and its child, which becomes the program, waits for the plan or the end of `control`. The plan has an init, or is idle.
[[noreturn]] void ChildRunParked(ParkedRequest& request, int control, int exec_status, int namespaces);

// The same for an exec: joins the target's namespaces and runs the process. Failures go to `control`, its end means exec worked.
[[noreturn]] void ChildRunExec(ExecPlan& plan, int control);

// PID 1: reaps everything, forwards signals (which are held: ChildHoldSignals) to `program`, ends as it ends. Without a program it lives
// until it is killed: with program 0, and from when `idle` (in memory that both share) says so.
[[noreturn]] void ChildRunInit(pid_t program, int control, const std::atomic<bool>* idle = nullptr);

// Both ids 0 and no groups in the user namespace just entered.
Status ChildBecomeNamespaceRoot();

}  // namespace tsc
