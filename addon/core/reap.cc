// SPDX-License-Identifier: Apache-2.0
#include "core/reap.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "core/syscalls.h"

namespace tsc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPatienceMs = 2000;
constexpr int kAttempts = 2;
constexpr useconds_t kPause = 1000;

// Whether it has ended, which is also so for one that is no child of ours any more.
bool HasEnded(int pidfd, int options) {
  siginfo_t info{};
  int result;
  do result = sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG | options, nullptr);
  while (result != 0 && errno == EINTR);
  return result != 0 || info.si_pid != 0;
}

}  // namespace

bool AwaitEnd(int pidfd, int timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!HasEnded(pidfd, WNOWAIT)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ending{pidfd, POLLIN, 0};
    // A poll that fails at once must not make this a loop that rests never.
    if (::poll(&ending, 1, static_cast<int>(left)) < 0) ::usleep(kPause);
  }
  return true;
}

bool TakeEnd(int pidfd, siginfo_t* info, rusage* usage) {
  *info = {};
  const int taken = sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), info, WEXITED | WNOHANG, usage);
  return taken == 0 && info->si_pid != 0;
}

void KillAndReap(int pidfd) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    sys::pidfd_send_signal(pidfd, SIGKILL);
    if (AwaitEnd(pidfd, kPatienceMs)) return void(HasEnded(pidfd, 0));
  }
}

void AwaitAndReap(int pidfd) {
  if (!AwaitEnd(pidfd, kPatienceMs)) return KillAndReap(pidfd);
  HasEnded(pidfd, 0);
}

}  // namespace tsc
