// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "runtime/container_plan.h"

// The last steps of a child before exec: who it is, where it stands, what it runs.
namespace tsc {

// A program that is ready to be run: everything looked up while the caller can still be told that it failed.
struct ReadyProgram {
  std::string path;
  std::vector<std::string> args, env;
  const SeccompProgram* seccomp = nullptr;  // still to be installed
};

// Puts stdio in place; an empty descriptor becomes the container's /dev/null.
Status ChildPlaceStdio(const Stdio& stdio);

// Resolves the user by name if asked to, sets HOME where it is missing, enters the working directory (making it if `make_cwd`),
// becomes the user, finds the executable. Failure "find executable" has execvp(3)'s errno: ENOENT, EACCES.
Result<ReadyProgram> ChildPrepareProgram(Process process, const Stdio& stdio, const SeccompProgram* seccomp, bool make_cwd);

// Installs the filter and replaces the process. Returns only when it failed.
Failure ChildExecute(const ReadyProgram& program);

// Closes every descriptor but stdio and those in `keep`.
void ChildCloseOthers(std::vector<int> keep);

// Signals wait until they are asked for, or reset: the kernel drops those that PID 1 neither blocks nor handles.
void ChildHoldSignals();

// Looks, for this process and all that it forks, which signals are to be reset. Afterwards none but SIGPIPE is ignored or handled.
void KnowSignals();

// Signals as a fresh process has them: default handlers, none blocked.
void ChildResetSignals();

}  // namespace tsc
