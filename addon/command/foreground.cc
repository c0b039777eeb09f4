// SPDX-License-Identifier: Apache-2.0
#include "command/foreground.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/syscalls.h"

namespace tsc {
namespace {

sigset_t Forwarded() {
  sigset_t set;
  ::sigfillset(&set);
  for (const int own : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTTOU, SIGTTIN, SIGPIPE}) ::sigdelset(&set, own);
  return set;
}

Result<int> ExitStatus(int pidfd) {
  siginfo_t info{};
  if (sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED, nullptr) != 0) return Errno("wait");
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

}  // namespace

Foreground::Foreground() {
  const auto set = Forwarded();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

Result<int> Foreground::Wait(int pidfd, std::unique_ptr<TerminalRelay> terminal) {
  for (;;) {
    pollfd watched[4] = {{pidfd, POLLIN, 0},
                         {signals_.get(), POLLIN, 0},
                         {terminal ? terminal->master() : -1, POLLIN, 0},
                         {terminal ? terminal->input() : -1, POLLIN, 0}};
    if (::poll(watched, 4, -1) < 0 && errno != EINTR) return Errno("poll");
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      const int number = static_cast<int>(signal.ssi_signo);
      if (number == SIGWINCH && terminal)
        terminal->Resize();
      else if (number != SIGCHLD)
        sys::pidfd_send_signal(pidfd, number);
    }
    if (watched[3].revents != 0) terminal->FromCaller();
    const bool has_output = watched[2].revents != 0;
    if (has_output && !terminal->FromProgram()) terminal.reset();
    // Its last words before its end.
    if (watched[0].revents != 0 && !has_output) return ExitStatus(pidfd);
  }
}

}  // namespace tsc
