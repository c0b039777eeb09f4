// SPDX-License-Identifier: Apache-2.0
#include "runtime/helper.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace tsc {
namespace {

constexpr std::size_t kHelperStack = std::size_t{256} * 1024;

}  // namespace

Status RunInHelper(int (*work)(void* argument), void* argument) {
  static char* const stack = [] {
    void* memory = ::mmap(nullptr, kHelperStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
  }();
  if (!stack) return Fail("clone", ENOMEM, "helper");
  const pid_t helper = ::clone(work, stack + kHelperStack, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, argument);
  if (helper < 0) return Errno("clone", "helper");
  while (::waitpid(helper, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {};
}

}  // namespace tsc
