// SPDX-License-Identifier: Apache-2.0
#include "runtime/namespace_visit.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>

namespace tsc {
namespace {

constexpr int kReturnAttempts = 1000;

}  // namespace

NamespaceVisit::NamespaceVisit(int target, int kind)
    : kind_(kind), own_(::open(kind == CLONE_NEWNET ? "/proc/self/ns/net" : "/proc/self/ns/pid", O_RDONLY | O_CLOEXEC)) {
  const bool entered = own_ && (target < 0 ? ::unshare(kind) : ::setns(target, kind)) == 0;
  if (!entered) error_ = errno;
}

NamespaceVisit::~NamespaceVisit() {
  if (error_ != 0) return;
  // Memory may be short for a moment. Who cannot come back would do all that follows in there.
  for (int attempt = 0; ::setns(own_.get(), kind_) != 0; ++attempt) {
    if (attempt == kReturnAttempts) ::_exit(125);
    ::usleep(1000);
  }
}

}  // namespace tsc
