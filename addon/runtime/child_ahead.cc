// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_ahead.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/syscalls.h"

namespace tsc {
namespace {

// Null twice: for /dev, and for what is masked.
constexpr const char* kDevices[] = {"/dev/null", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

bool IsAt(const char* path, int directory) {
  struct stat at {
  }, expected{};
  return ::stat(path, &at) == 0 && ::fstat(directory, &expected) == 0 && at.st_dev == expected.st_dev && at.st_ino == expected.st_ino;
}

// Takes away what was mounted over the root but not entered.
bool IsUncovered(int cover) { return !IsAt("/", cover) && ::fchdir(cover) == 0 && ::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0; }

}  // namespace

void Ahead::Make(const std::vector<FileSystemKind>& kinds) {
  const auto empty = MakeAll(kinds);
  if (!empty.ok()) return;
  alone_ = ChildLeaveFor(empty->get()).ok();
  // The container's root would be mounted over the empty one, and leaving for it would let go only that: the host's tree would lie above.
  // Where the kernel lets nobody pivot, all is as before; a child that is half way is of no use.
  if (!alone_ && !IsUncovered(empty->get())) ::_exit(125);
}

Result<UniqueFd> Ahead::MakeAll(const std::vector<FileSystemKind>& kinds) {
  for (const auto& kind : kinds) file_systems_.emplace_back(kind, TSC_TRY(NewFileSystem(kind.type.c_str(), kind.data, 0)));
  for (const char* path : kDevices) devices_.emplace_back(path, TSC_TRY(CloneMount(AT_FDCWD, path, false)));
  auto empty = TSC_TRY(NewFileSystem("tmpfs", {{"size", "4k"}, {"nr_inodes", "2"}, {"mode", "555"}}, 0));
  // Over the root that is there: the only directory that every user namespace may enter for sure.
  if (sys::move_mount(empty.get(), "", AT_FDCWD, "/", sys::kMoveFromEmptyPath) != 0) return Errno("mount root", "/");
  return empty;
}

Result<UniqueFd> Ahead::FileSystem(const FileSystemKind& kind, std::uint64_t attributes) {
  for (auto& [made, tree] : file_systems_) {
    if (!tree || !(made == kind)) continue;
    const sys::MountAttr attr{attributes, (attributes & sys::kAttrAtimeMask) ? sys::kAttrAtimeMask : 0, 0, 0};
    if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, attr) != 0) return Errno("set mount options", kind.type);
    return std::move(tree);
  }
  return NewFileSystem(kind.type.c_str(), kind.data, attributes);
}

Result<UniqueFd> Ahead::Device(const std::string& path) {
  for (auto& [made, tree] : devices_)
    if (tree && made == path) return std::move(tree);
  return CloneMount(AT_FDCWD, path, false);
}

// pivot_root(2), "pivot_root(".", ".")": the old root comes to lie over the new one, and is let go.
Status ChildLeaveFor(int root) {
  if (::fchdir(root) != 0) return Errno("enter root");
  if (sys::pivot_root(".", ".") != 0) return Errno("pivot_root");
  if (::umount2(".", MNT_DETACH) != 0) return Errno("detach old root");
  if (::chdir("/") != 0) return Errno("enter root");
  // "/.." is what lies on top there: whoever joins this mount namespace begins with that.
  if (!IsAt("/..", root)) return Fail("detach old root", EBUSY);
  return {};
}

}  // namespace tsc
