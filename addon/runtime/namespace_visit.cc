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

UniqueFd Own(int kind) { return UniqueFd(::open(kind == CLONE_NEWNET ? "/proc/self/ns/net" : "/proc/self/ns/pid", O_RDONLY | O_CLOEXEC)); }

// Memory may be short for a moment. Who cannot come back would do all that follows in there.
void Return(const UniqueFd& own, int kind) {
  for (int attempt = 0; ::setns(own.get(), kind) != 0; ++attempt) {
    if (attempt == kReturnAttempts) ::_exit(125);
    ::usleep(1000);
  }
}

}  // namespace

bool VisitNamespace(int kind, const std::function<void()>& work) {
  const auto own = Own(kind);
  if (!own || ::setns(own.get(), kind) != 0) return false;
  work();
  Return(own, kind);
  return true;
}

Status RunVisiting(int kind, int (*work)(void* argument), void* argument) {
  return VisitNamespace(kind, [=] { work(argument); }) ? Status{} : RunInHelper(work, argument);
}

}  // namespace tsc
