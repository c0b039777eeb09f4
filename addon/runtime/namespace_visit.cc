// SPDX-License-Identifier: Apache-2.0
#include "runtime/namespace_visit.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "runtime/helper.h"

namespace tsc {
namespace {

constexpr int kReturnAttempts = 1000;

UniqueFd OwnNetwork() { return UniqueFd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)); }

// A process never leaves its own one, and every exec comes back to it.
int OwnPids() {
  static UniqueFd own;
  static pid_t whose = 0;
  const pid_t self = ::getpid();
  if (whose != self) (void)own.release();  // its parent's number, which may be another's by now
  if (whose != self || !own) own.reset(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));
  whose = self;
  return own.get();
}

// Memory may be short for a moment. Who cannot come back would do all that follows in there.
void Return(int own, int kind) {
  for (int attempt = 0; ::setns(own, kind) != 0; ++attempt) {
    if (attempt == kReturnAttempts) ::_exit(125);
    ::usleep(1000);
  }
}

}  // namespace

bool VisitNamespace(int kind, const std::function<void()>& work) {
  const auto network = kind == CLONE_NEWNET ? OwnNetwork() : UniqueFd();
  const int own = kind == CLONE_NEWNET ? network.get() : OwnPids();
  if (own < 0 || ::setns(own, kind) != 0) return false;
  work();
  Return(own, kind);
  return true;
}

Status RunVisiting(int kind, int (*work)(void* argument), void* argument) {
  return VisitNamespace(kind, [=] { work(argument); }) ? Status{} : RunInHelper(work, argument);
}

}  // namespace tsc
