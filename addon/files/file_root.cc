// SPDX-License-Identifier: Apache-2.0
#include "files/file_root.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "core/syscalls.h"
#include "layer/confine.h"
#include "runtime/child_container.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

// The same mounts, of which the first one takes writes.
Result<UniqueFd> WritableCopy() {
  auto tree = TSC_TRY(CloneMount(AT_FDCWD, "/", true));
  const sys::MountAttr writable{0, sys::kAttrRdonly, 0, 0};
  if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, writable) != 0) return Errno("make root writable", "/");
  UniqueFd root(::openat(tree.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Errno("open root", "/");
  return root;
}

Result<UniqueFd> OpenRoot(RootAccess access) {
  if (access == RootAccess::kWritable) return WritableCopy();
  UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Errno("open root", "/");
  return root;
}

}  // namespace

Result<FileRoot> EnterFileRoot(const FileRootTarget& target, RootAccess access) {
  FileRoot entered;
  entered.descriptors.reset(::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!entered.descriptors) return Errno("open", "/proc/self/fd");
  // Its mounts first: what of them has to be changed takes the power that we still have outside.
  if (::setns(target.pidfd, CLONE_NEWNS) != 0) return Errno("join container", "mount namespace");
  entered.root = TSC_TRY(OpenRoot(access));
  if (target.user_namespace) {
    if (::setns(target.pidfd, CLONE_NEWUSER) != 0) return Errno("join container", "user namespace");
    TSC_TRY(ChildBecomeNamespaceRoot());
  }
  // Changing ids clears it, so only now.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::umask(0);
  TSC_TRY(ConfineInPlace(entered.root.get()));
  return entered;
}

Status HoldFileRoot(int mount, const char* staging, int user_namespace) {
  const UniqueFd place(::open(staging, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", staging);
  TSC_TRY(Attach(mount, place.get(), staging));
  if (::fchdir(mount) != 0 || sys::pivot_root(".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0) return Errno("enter root", staging);
  if (::chdir("/") != 0) return Errno("enter root", "/");
  if (user_namespace >= 0) {
    if (::setns(user_namespace, CLONE_NEWUSER) != 0) return Errno("join user namespace");
    TSC_TRY(ChildBecomeNamespaceRoot());
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Errno("open root", "/");
  return ConfineInPlace(root.get());
}

}  // namespace tsc
