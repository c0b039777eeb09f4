// SPDX-License-Identifier: Apache-2.0
#include "runtime/mount_kit.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>

#include "core/paths.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

Result<UniqueFd> OpenWithoutLinks(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;
  UniqueFd fd(sys::openat2(root, path.c_str(), how));
  if (!fd) return Errno("open mount point", path);
  return fd;
}

Result<UniqueFd> CreateFile(int root, const std::string& path) {
  std::string leaf;
  const auto parent = TSC_TRY(OpenParentInRoot(root, path, &leaf, true));
  UniqueFd created(::openat(parent.get(), leaf.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!created && errno != EEXIST) return Errno("create mount point", path);
  return OpenInRoot(root, path, O_PATH);
}

// A neighbour who shares a volume may have put a link where something is to be mounted. It stays in the root, but must not lead to where
// the kernel shows what is masked and trusted.
Status RefuseKernelTree(int target, const std::string& path) {
  struct statfs info {};
  if (::fstatfs(target, &info) != 0) return Errno("open mount point", path);
  for (const auto magic : {PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC})
    if (static_cast<unsigned long>(info.f_type) == static_cast<unsigned long>(magic)) return Fail("open mount point", EXDEV, path);
  return {};
}

Result<UniqueFd> UserTarget(int root, const std::string& path, TargetKind kind) {
  if (kind == TargetKind::kDirectory) return MkdirsInRoot(root, path);
  auto existing = OpenInRoot(root, path, O_PATH);
  if (existing.ok() || existing.failure().error != ENOENT) return existing;
  return CreateFile(root, path);
}

}  // namespace

Result<UniqueFd> NewFileSystem(const char* type, const MountData& data, std::uint64_t attributes) {
  const UniqueFd context(sys::fsopen(type));
  if (!context) return Errno("open file system", type);
  const bool has_source = std::any_of(data.begin(), data.end(), [](const auto& entry) { return entry.first == "source"; });
  if (!has_source) sys::fsconfig(context.get(), sys::kConfigSetString, "source", type, 0);
  for (const auto& [key, value] : data) {
    const int code = value.empty() ? sys::fsconfig(context.get(), sys::kConfigSetFlag, key.c_str(), nullptr, 0)
                                   : sys::fsconfig(context.get(), sys::kConfigSetString, key.c_str(), value.c_str(), 0);
    if (code != 0) return Errno("configure " + std::string(type), value.empty() ? key : key + "=" + value);
  }
  if (sys::fsconfig(context.get(), sys::kConfigCreate, nullptr, nullptr, 0) != 0) return Errno("create file system", type);
  UniqueFd mount(sys::fsmount(context.get(), attributes));
  if (!mount) return Errno("mount file system", type);
  return mount;
}

Result<UniqueFd> CloneMount(int dir, const std::string& path, bool recursive) {
  const unsigned flags = sys::kOpenTreeClone | O_CLOEXEC | (recursive ? sys::kRecursive : 0) | (path.empty() ? AT_EMPTY_PATH : 0u);
  UniqueFd tree(sys::open_tree(dir, path.c_str(), flags));
  if (!tree) return Errno("clone mount", path);
  return tree;
}

Status Attach(int mount, int target, const std::string& name) {
  if (sys::move_mount(mount, "", target, "", sys::kMoveFromEmptyPath | sys::kMoveToEmptyPath) != 0) return Errno("mount", name);
  return {};
}

Result<UniqueFd> MountTarget(int root, const std::string& path, TargetKind kind, bool kernel_tree) {
  if (kernel_tree) {
    auto existing = OpenWithoutLinks(root, path);
    if (existing.ok() || existing.failure().error != ENOENT) return existing;
    TSC_TRY(MkdirsInRoot(root, path));
    return OpenWithoutLinks(root, path);
  }
  auto target = TSC_TRY(UserTarget(root, path, kind));
  TSC_TRY(RefuseKernelTree(target.get(), path));
  return target;
}

}  // namespace tsc
