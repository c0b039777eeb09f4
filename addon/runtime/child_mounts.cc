// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_mounts.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_copy_up.h"
#include "runtime/child_devices.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

bool IsKernelTree(const Mount& mount) {
  return mount.type == "proc" || mount.type == "sysfs" || mount.type == "devpts" || mount.type == "mqueue" || mount.type == "cgroup" ||
         mount.type == "cgroup2" || mount.destination == "/dev" || mount.destination == "/dev/shm";
}

// In a user namespace with few ids the group of a terminal ("gid=5") may not exist; the kernel's answer is EINVAL.
Result<UniqueFd> NewDevpts(const Mount& mount, Ahead* ahead) {
  auto kind = KindOf(mount);
  auto made = ahead->FileSystem(kind, mount.attr_set);
  if (made.ok() || made.failure().error != EINVAL) return made;
  std::erase_if(kind.data, [](const auto& entry) { return entry.first == "gid"; });
  return ahead->FileSystem(kind, mount.attr_set);
}

Status AttachCgroups(const ContainerPlan& plan, const Mount& mount, int root) {
  const auto target = TSC_TRY(MountTarget(root, mount.destination, TargetKind::kDirectory, true));
  if (plan.cgroup_views.empty()) {
    auto made = NewFileSystem("cgroup2", {}, mount.attr_set);
    // Without a unified tree, or without the right to show one, the directory stays empty: nothing leaks, nothing lies.
    return made.ok() ? Attach(made->get(), target.get(), mount.destination) : Status{};
  }
  const auto holder = TSC_TRY(NewFileSystem("tmpfs", {{"mode", "755"}, {"size", "64k"}}, mount.attr_set & ~sys::kAttrRdonly));
  for (const auto& view : plan.cgroup_views) {
    if (::mkdirat(holder.get(), view.name.c_str(), 0755) != 0) return Errno("mkdir", view.name);
  }
  TSC_TRY(Attach(holder.get(), target.get(), mount.destination));
  for (const auto& view : plan.cgroup_views) {
    const auto place = TSC_TRY(OpenInRoot(holder.get(), view.name, O_PATH | O_DIRECTORY));
    TSC_TRY(Attach(view.tree.get(), place.get(), view.name));
  }
  if (mount.attr_set & sys::kAttrRdonly) {
    const sys::MountAttr readonly{sys::kAttrRdonly, 0, 0, 0};
    if (sys::mount_setattr(holder.get(), "", AT_EMPTY_PATH, readonly) != 0) return Errno("make read-only", mount.destination);
  }
  return {};
}

Result<UniqueFd> HostSysfs(const Mount& mount) {
  auto tree = TSC_TRY(CloneMount(AT_FDCWD, "/sys", true));
  const sys::MountAttr readonly{mount.attr_set | sys::kAttrRdonly, 0, 0, 0};
  if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH | sys::kRecursive, readonly) != 0) return Errno("make read-only", "/sys");
  return tree;
}

Result<UniqueFd> MakeMount(const ContainerPlan& plan, const Mount& mount, Ahead* ahead) {
  if (mount.type == "devpts") return NewDevpts(mount, ahead);
  if (mount.type == "sysfs" && plan.host_sysfs) return HostSysfs(mount);
  auto made = ahead->FileSystem(KindOf(mount), mount.attr_set);
  // Inside another container, which has covered parts of its own: that view, read-only, shows no more than a fresh one would.
  const bool refused = !made.ok() && made.failure().error == EPERM;
  return refused && mount.type == "sysfs" && (mount.attr_set & sys::kAttrRdonly) ? HostSysfs(mount) : std::move(made);
}

TargetKind TargetOf(int mount) {
  struct stat info {};
  return ::fstat(mount, &info) == 0 && !S_ISDIR(info.st_mode) ? TargetKind::kFile : TargetKind::kDirectory;
}

Status Propagate(const UniqueFd& mount, const Mount& entry) {
  const bool recursive = (entry.propagation & MS_REC) != 0;
  const sys::MountAttr attr{0, 0, entry.propagation & ~static_cast<std::uint64_t>(MS_REC), 0};
  if (sys::mount_setattr(mount.get(), "", AT_EMPTY_PATH | (recursive ? sys::kRecursive : 0), attr) != 0) {
    return Errno("set propagation", entry.destination);
  }
  return {};
}

Status AttachMount(const ContainerPlan& plan, std::size_t index, int root, Ahead* ahead) {
  const Mount& mount = plan.spec.mounts[index];
  if (mount.type == "cgroup" || mount.type == "cgroup2") return AttachCgroups(plan, mount, root);
  UniqueFd made;
  const UniqueFd& prepared = plan.bind_sources[index];
  if (!prepared) made = TSC_TRY(mount.copy_up ? ChildCopyUp(mount, root, ahead) : MakeMount(plan, mount, ahead));
  const UniqueFd& source = prepared ? prepared : made;
  const auto target = TSC_TRY(MountTarget(root, mount.destination, TargetOf(source.get()), IsKernelTree(mount)));
  TSC_TRY(Attach(source.get(), target.get(), mount.destination));
  if (mount.propagation != 0) TSC_TRY(Propagate(source, mount));
  return {};
}

Result<UniqueFd> EmptyDirectory() {
  return NewFileSystem("tmpfs", {{"size", "0"}, {"nr_inodes", "2"}, {"mode", "555"}},
                       sys::kAttrRdonly | sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrNoexec);
}

Status MaskPaths(const Spec& spec, int root, Ahead* ahead) {
  UniqueFd empty;
  for (const auto& path : spec.masked_paths) {
    if (ahead->HasMasked(path)) continue;
    const auto target = OpenInRoot(root, path, O_PATH | O_NOFOLLOW);
    if (!target.ok()) {
      if (target.failure().error == ENOENT || target.failure().error == ENOTDIR) continue;
      return Fail("mask path", target.failure().error, path);
    }
    if (TargetOf(target->get()) == TargetKind::kFile) {
      const auto null = TSC_TRY(ahead->Null());
      TSC_TRY(Attach(null.get(), target->get(), path));
      continue;
    }
    // The first place gets the mount itself, each further one a clone of it.
    auto cover = empty ? CloneMount(empty.get(), "", false) : EmptyDirectory();
    if (!cover.ok()) return cover.failure();
    TSC_TRY(Attach(cover->get(), target->get(), path));
    if (!empty) empty = std::move(*cover);
  }
  return {};
}

Status MakeReadonly(const Spec& spec, int root, const Ahead& ahead) {
  for (const auto& path : spec.readonly_paths) {
    if (ahead.HasReadonly(path)) continue;
    const auto target = OpenInRoot(root, path, O_PATH | O_NOFOLLOW);
    if (!target.ok()) {
      if (target.failure().error == ENOENT || target.failure().error == ENOTDIR) continue;
      return Fail("make read-only", target.failure().error, path);
    }
    const auto tree = TSC_TRY(CloneMount(target->get(), "", true));
    const sys::MountAttr readonly{sys::kAttrRdonly, 0, 0, 0};
    if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH | sys::kRecursive, readonly) != 0) return Errno("make read-only", path);
    TSC_TRY(Attach(tree.get(), target->get(), path));
  }
  return {};
}

// The root of the mount namespace is an empty directory below the container's: nothing is left to be let go, and no path leads there.
Status StayAlone(int root) {
  if (::fchdir(root) != 0) return Errno("enter root");
  if (::chroot(".") != 0) return Errno("change root");
  return {};
}

}  // namespace

Status ChildFurnish(const ContainerPlan& plan, int root, Ahead* ahead) {
  const auto& mounts = plan.spec.mounts;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (ahead->Has(mounts[i])) continue;
    TSC_TRY(AttachMount(plan, i, root, ahead));
    if (mounts[i].destination == "/dev") TSC_TRY(ChildMakeDevices(plan, i, root, ahead));
  }
  TSC_TRY(MaskPaths(plan.spec, root, ahead));
  return MakeReadonly(plan.spec, root, *ahead);
}

Status ChildEnterRoot(const ContainerPlan& plan, Ahead* ahead) {
  const int root = plan.root.get();
  TSC_TRY(ahead->Fit(plan));
  // Over the root that is there: the only directory that every user namespace may enter for sure.
  if (sys::move_mount(root, "", AT_FDCWD, "/", sys::kMoveFromEmptyPath) != 0) return Errno("mount root", "/");
  TSC_TRY(ahead->Attach(root));
  TSC_TRY(ChildFurnish(plan, root, ahead));
  if (plan.spec.readonly_root) {
    const sys::MountAttr readonly{sys::kAttrRdonly, 0, 0, 0};
    if (sys::mount_setattr(root, "", AT_EMPTY_PATH, readonly) != 0) return Errno("make read-only", "/");
  }
  if (plan.unattended && plan.unattended->before_leaving) TSC_TRY(plan.unattended->before_leaving());
  return ahead->alone() ? StayAlone(root) : ChildLeaveFor(root);
}

Status ChildApplySysctls(const Spec& spec) {
  if (spec.sysctls.empty()) return {};
  const auto proc = TSC_TRY(NewFileSystem("proc", {}, 0));
  for (const auto& [key, value] : spec.sysctls) {
    std::string path = "sys/" + key;
    for (auto& letter : path)
      if (letter == '.') letter = '/';
    if (const auto written = WriteFileAt(proc.get(), path.c_str(), value); !written.ok()) {
      return Fail("set sysctl", written.failure().error, key);
    }
  }
  return {};
}

}  // namespace tsc
