// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_minder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_container.h"
#include "runtime/child_identity.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"

namespace tsc {
namespace {

constexpr int kKillSignal = 64;  // SIGRTMAX, with a value and from outside the pid namespace
constexpr int kKillValue = 0x74736321;

void KillChildren() {
  const auto text = ReadFileAt(AT_FDCWD, "/proc/thread-self/children");
  if (!text.ok()) return;
  for (const char* at = text->c_str(); *at;) {
    char* end = nullptr;
    const long pid = std::strtol(at, &end, 10);
    if (end == at) return;
    if (pid > 1) ::kill(static_cast<pid_t>(pid), SIGKILL);
    at = end + (*end == ' ');
  }
}

// The children of what was just killed become ours, so it goes on until there are none.
void KillDescendants() {
  for (;;) {
    KillChildren();
    if (::waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

[[noreturn]] void EndLike(int status) {
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ChildResetSignals();
  ::kill(::getpid(), signal);
  ::_exit(128 + signal);
}

void Reap(pid_t program, bool detached) {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    if (pid != program) continue;
    if (!detached) KillDescendants();
    EndLike(status);
  }
}

}  // namespace

void ChildRunMinder(pid_t program, bool detached) {
  SetProcessTitle("exec");
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!ChildPlaceStdio(Stdio{}).ok()) sys::close_range(0, 2);
  ChildCloseOthers({});
  if (!ChildDropToInit().ok()) ::_exit(125);
  sigset_t all;
  sigfillset(&all);
  Reap(program, detached);
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    const bool asked = signal == kKillSignal && info.si_code == SI_QUEUE && info.si_pid == 0 && info.si_value.sival_int == kKillValue;
    if (signal == SIGCHLD) {
      Reap(program, detached);
    } else if (asked) {
      KillDescendants();
      EndLike(SIGKILL);
    } else {
      ::kill(program, signal);
    }
  }
}

Status AskMinderToKill(int pidfd) {
  siginfo_t info{};
  info.si_signo = kKillSignal;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = kKillValue;
  if (::syscall(SYS_pidfd_send_signal, pidfd, kKillSignal, &info, 0) != 0) return Errno("kill exec");
  return {};
}

}  // namespace tsc
