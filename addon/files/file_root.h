// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

// Where work on a container's files is done: in a child of a fork, as root of the container, in its mounts and with its ids, so that
// volumes, binds and tmpfs are what they are inside and no path leads anywhere else. Nothing of the container is ever run or loaded.
namespace tsc {

// Whose namespaces: a process by its pidfd.
struct FileRootTarget {
  int pidfd = -1;
  bool user_namespace = false;  // it has one that is not ours
};

struct FileRoot {
  UniqueFd root;
  // Our own /proc/self/fd, of the host's proc: the one way to reopen what is held as a mere location (O_PATH), on every kernel.
  UniqueFd descriptors;
};

// Joins, and shuts itself in (layer/confine.h). With `writable` the root can be written to though it is mounted read-only: for what is put
// there before the container starts. ESRCH of "join container": it has ended.
enum class RootAccess { kAsMounted, kWritable };
Result<FileRoot> EnterFileRoot(const FileRootTarget& target, RootAccess access = RootAccess::kAsMounted);

// Makes a detached mount the root of a mount namespace of our own, and enters the user namespace (if not -1): what others can then join.
Status HoldFileRoot(int mount, const char* staging, int user_namespace);

// "/proc/self/fd"'s name of it.
inline std::string DescriptorName(const UniqueFd& fd) { return std::to_string(fd.get()); }

}  // namespace tsc
