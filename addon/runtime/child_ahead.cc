// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_ahead.h"

#include <sys/mount.h>
#include <unistd.h>

#include "core/syscalls.h"

namespace tsc {
namespace {

// Null twice: for /dev, and for what is masked.
constexpr const char* kDevices[] = {"/dev/null", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

}  // namespace

void Ahead::Make(const std::vector<FileSystemKind>& kinds) { alone_ = MakeAll(kinds).ok(); }

Status Ahead::MakeAll(const std::vector<FileSystemKind>& kinds) {
  for (const auto& kind : kinds) file_systems_.emplace_back(kind, TSC_TRY(NewFileSystem(kind.type.c_str(), kind.data, 0)));
  for (const char* path : kDevices) devices_.emplace_back(path, TSC_TRY(CloneMount(AT_FDCWD, path, false)));
  const auto empty = TSC_TRY(NewFileSystem("tmpfs", {{"size", "4k"}, {"nr_inodes", "2"}, {"mode", "555"}}, 0));
  // Over the root that is there: the only directory that every user namespace may enter for sure.
  if (sys::move_mount(empty.get(), "", AT_FDCWD, "/", sys::kMoveFromEmptyPath) != 0) return Errno("mount root", "/");
  return ChildLeaveFor(empty.get());
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
  return {};
}

}  // namespace tsc
