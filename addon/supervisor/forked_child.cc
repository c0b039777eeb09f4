// SPDX-License-Identifier: Apache-2.0
#include "supervisor/forked_child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/syscalls.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"

namespace tsc {

Result<UniqueFd> ForkChild(std::vector<int> keep, const char* title, const std::function<void()>& child) {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("start worker");
  if (pid > 0) return UniqueFd(pidfd);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  SetProcessTitle(title);
  ChildCloseOthers(std::move(keep));
  child();
  ::_exit(0);
}

}  // namespace tsc
