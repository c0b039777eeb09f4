// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "core/result.h"

namespace tsc {

// Where no cgroup can hold the tree of an exec, a process of ours stands over it inside the container: what the program leaves behind
// falls to it (PR_SET_CHILD_SUBREAPER), so that it can end it all. It forwards signals, and ends as the program ended. Best effort: a
// process that is traced or that a paused container holds is out of its reach, and the container's end takes it anyhow.
[[noreturn]] void ChildRunMinder(pid_t program, bool detached);

// Tells the minder at `pidfd` to kill the whole tree. No process inside can say the same: it has another sender.
Status AskMinderToKill(int pidfd);

}  // namespace tsc
