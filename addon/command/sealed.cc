// SPDX-License-Identifier: Apache-2.0
#include "command/sealed.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "command/sentence.h"
#include "core/syscalls.h"
#include "runtime/mount_kit.h"

extern char** environ;

namespace tsc {

Status RunSealed(char** argv) {
  struct statvfs info {};
  if (::statvfs("/proc/self/exe", &info) != 0) return Errno("open", "/proc/self/exe");
  if (info.f_flag & ST_RDONLY) return {};
  const auto tree = CloneMount(AT_FDCWD, "/proc/self/exe", false);
  if (!tree.ok() && tree.failure().error == EPERM) {
    return Refuse(
        "containers cannot be made without CAP_SYS_ADMIN: call this as root, or from within a user namespace (podman unshare, "
        "rootlesskit)");
  }
  if (!tree.ok()) return tree.failure();
  const sys::MountAttr readonly{sys::kAttrRdonly, 0, 0, 0};
  if (sys::mount_setattr(tree->get(), "", AT_EMPTY_PATH, readonly) != 0) return Errno("make read-only", "/proc/self/exe");
  ::syscall(SYS_execveat, tree->get(), "", argv, environ, AT_EMPTY_PATH);
  return Errno("execute", "/proc/self/exe");
}

}  // namespace tsc
