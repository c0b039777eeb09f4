// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_mount.h"

#include <fcntl.h>
#include <sched.h>

#include <utility>

#include "runtime/helper.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

struct Looking {
  int target, kinds;
  const char* path;
  Result<UniqueFd> tree = Fail("copy mount", ECHILD, "helper");
};

// Only from inside may a mount be copied; the helper shares our memory and descriptors, so what it opens is ours.
int Look(void* argument) {
  auto* looking = static_cast<Looking*>(argument);
  if (::setns(looking->target, CLONE_NEWNS | (looking->kinds & CLONE_NEWUSER)) != 0) {
    looking->tree = Errno("join namespaces", looking->path);
    return 0;
  }
  looking->tree = CloneMount(AT_FDCWD, looking->path, false);
  return 0;
}

}  // namespace

Result<UniqueFd> CloneMountInside(int target, int kinds, const char* path) {
  Looking looking{target, kinds, path};
  TSC_TRY(RunInHelper(Look, &looking));
  return std::move(looking.tree);
}

}  // namespace tsc
