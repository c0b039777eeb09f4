// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/syscalls.h"
#include "runtime/child_container.h"
#include "runtime/child_identity.h"
#include "runtime/child_program.h"
#include "runtime/child_report.h"
#include "runtime/own_memory.h"
#include "runtime/process_title.h"

namespace tsc {
namespace {

[[noreturn]] void EndAs(int status, int control) {
  ChildReport report;
  report.kind = ReportKind::kEnded;
  report.status = status;
  SendReport(control, report);
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// Who it is that `program` is: nobody any more when the process that was meant to become one has only made the container ready.
pid_t Current(pid_t program, const std::atomic<bool>* idle) { return idle && idle->load() ? 0 : program; }

void Reap(pid_t program, int control) {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    if (pid == program) EndAs(status, control);
  }
}

// Init is a copy of its parent: of the memory that both would write, each would soon have its own pages, and all that stood in them. It
// allocates nothing more.
void GiveBackHeap() {
  if (const Heap heap = HeapOf(); heap.begin) ::syscall(SYS_brk, heap.begin);
}

}  // namespace

void ChildRunInit(pid_t program, int control, const std::atomic<bool>* idle) {
  SetProcessTitle("init");
  sigset_t all;
  sigfillset(&all);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // where the pid namespace is shared and PID 1 is another's
  // A terminal or a pipe that init held too would never end for its reader. An image may have no /dev/null: then they are just closed.
  if (!ChildPlaceStdio(Stdio{}).ok()) sys::close_range(0, 2);
  ChildCloseOthers({control});
  if (!ChildDropToInit().ok()) ::_exit(125);
  GiveBackHeap();
  LetGoOfProgram();
  Reap(Current(program, idle), control);  // a program that ended before its signal could be waited for
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    program = Current(program, idle);
    if (signal == SIGCHLD)
      Reap(program, control);
    else if (program > 0)
      ::kill(program, signal);
    // An init without a program is a box to exec in: the stop signal simply ends it.
    else if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGHUP)
      EndAs(0, control);
  }
}

}  // namespace tsc
