// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_ahead.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_mounts.h"

namespace tsc {
namespace {

constexpr const char* kDevices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
constexpr std::uint64_t kAccess = sys::kAttrRdonly | sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrNoexec;

bool IsAt(const char* path, int directory) {
  struct stat at {
  }, expected{};
  return ::stat(path, &at) == 0 && ::fstat(directory, &expected) == 0 && at.st_dev == expected.st_dev && at.st_ino == expected.st_ino;
}

// Takes away what was mounted over the root but not entered.
bool IsUncovered(int cover) { return !IsAt("/", cover) && ::fchdir(cover) == 0 && ::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0; }

bool Contains(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

// A plan of nothing but these trees.
ContainerPlan PlanOf(const std::vector<KernelTree>& trees, UniqueFd device_file_system) {
  ContainerPlan plan;
  for (const auto& tree : trees) {
    if (tree.destination() == "/dev") {
      plan.bind_sources.resize(plan.spec.mounts.size());
      plan.bind_sources.push_back(std::exchange(device_file_system, UniqueFd()));
    }
    plan.spec.mounts.insert(plan.spec.mounts.end(), tree.mounts.begin(), tree.mounts.end());
    plan.spec.masked_paths.insert(plan.spec.masked_paths.end(), tree.masked_paths.begin(), tree.masked_paths.end());
    plan.spec.readonly_paths.insert(plan.spec.readonly_paths.end(), tree.readonly_paths.begin(), tree.readonly_paths.end());
  }
  plan.bind_sources.resize(plan.spec.mounts.size());
  return plan;
}

}  // namespace

void Ahead::Make(const std::vector<KernelTree>& trees, UniqueFd device_file_system, bool binds_devices) {
  device_file_system_ = std::move(device_file_system);
  auto empty = MakeAll(trees, binds_devices);
  if (!empty.ok()) return;
  alone_ = ChildLeaveFor(empty->get()).ok();
  // The container's root would be mounted over the empty one, and leaving for it would let go only that: the host's tree would lie above.
  // Where the kernel lets nobody pivot, all is as before; a child that is half way is of no use.
  if (!alone_ && !IsUncovered(empty->get())) ::_exit(125);
  if (!alone_) return;
  empty_ = std::move(*empty);
  if (!Furnish(trees).ok()) ::_exit(125);
}

Result<UniqueFd> Ahead::MakeAll(const std::vector<KernelTree>& trees, bool binds_devices) {
  for (const auto& tree : trees) {
    for (const auto& mount : tree.mounts) {
      if (mount.type != "proc" && mount.type != "sysfs") continue;
      const auto kind = KindOf(mount);
      file_systems_.emplace_back(kind, TSC_TRY(NewFileSystem(kind.type.c_str(), kind.data, 0)));
    }
  }
  // No more than are used: letting a clone go that is mounted nowhere takes a grace period.
  null_ = TSC_TRY(CloneMount(AT_FDCWD, "/dev/null", false));
  for (const char* path : kDevices)
    if (binds_devices) devices_.emplace_back(path, TSC_TRY(CloneMount(AT_FDCWD, path, false)));
  auto empty = TSC_TRY(NewFileSystem("tmpfs", {{"size", "4k"}, {"nr_inodes", "5"}, {"mode", "555"}}, 0));
  // Over the root that is there: the only directory that every user namespace may enter for sure.
  if (sys::move_mount(empty.get(), "", AT_FDCWD, "/", sys::kMoveFromEmptyPath) != 0) return Errno("mount root", "/");
  return empty;
}

Status Ahead::Furnish(const std::vector<KernelTree>& trees) {
  TSC_TRY(ChildFurnish(PlanOf(trees, std::move(device_file_system_)), empty_.get(), this));
  trees_ = trees;
  std::erase_if(file_systems_, [](const auto& made) { return !made.second; });
  std::erase_if(devices_, [](const auto& made) { return !made.second; });
  return {};
}

Status Ahead::Fit(const ContainerPlan& plan) {
  const auto wanted = KernelTreesOf(plan.spec);
  const auto fits = [&wanted](const KernelTree& tree) { return std::find(wanted.begin(), wanted.end(), tree) != wanted.end(); };
  const auto others = std::stable_partition(trees_.begin(), trees_.end(), fits);
  const std::vector<KernelTree> apart(others, trees_.end());
  trees_.erase(others, trees_.end());
  if (apart.empty()) return {};
  if (std::exchange(null_is_mounted_, false)) null_ = TSC_TRY(CloneMount(null_.get(), "", false));
  const auto& mounts = plan.spec.mounts;
  bool binds_devices = false;
  for (std::size_t i = 0; i < mounts.size(); ++i)
    binds_devices = binds_devices || (mounts[i].destination == "/dev" && !Has(mounts[i]) && !plan.bind_sources[i]);
  if (binds_devices) TSC_TRY(TakeDevices());
  for (const auto& tree : apart) TSC_TRY(TakeApart(tree));
  return {};
}

Status Ahead::TakeDevices() {
  for (const char* path : kDevices) {
    if (std::any_of(devices_.begin(), devices_.end(), [path](const auto& made) { return made.first == path; })) continue;
    const auto device = TSC_TRY(OpenInRoot(empty_.get(), path, O_PATH));
    devices_.emplace_back(path, TSC_TRY(CloneMount(device.get(), "", false)));
  }
  return {};
}

Status Ahead::TakeApart(const KernelTree& tree) {
  for (const auto& mount : tree.mounts) {
    if (mount.type == "cgroup" || mount.type == "cgroup2" || mount.destination == "/dev") continue;
    const auto place = TSC_TRY(OpenInRoot(empty_.get(), mount.destination, O_PATH));
    file_systems_.emplace_back(KindOf(mount), TSC_TRY(CloneMount(place.get(), "", false)));
  }
  const auto top = TSC_TRY(OpenInRoot(empty_.get(), tree.destination(), O_PATH | O_DIRECTORY));
  if (::fchdir(top.get()) != 0 || ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) return Errno("take apart", tree.destination());
  return {};
}

Status Ahead::Attach(int root) {
  for (const auto& tree : trees_) {
    const auto& place = tree.destination();
    const auto top = TSC_TRY(OpenInRoot(empty_.get(), place, O_PATH | O_DIRECTORY));
    const auto target = TSC_TRY(MountTarget(root, place, TargetKind::kDirectory, true));
    TSC_TRY(tsc::Attach(top.get(), target.get(), place));
  }
  if (!empty_) return {};
  for (const char* name : {"proc", "dev", "sys"}) ::unlinkat(empty_.get(), name, AT_REMOVEDIR);
  return {};
}

bool Ahead::Has(const Mount& mount) const {
  return std::any_of(trees_.begin(), trees_.end(), [&mount](const KernelTree& tree) { return tree.Has(mount); });
}

bool Ahead::HasMasked(const std::string& path) const {
  return std::any_of(trees_.begin(), trees_.end(), [&path](const KernelTree& tree) { return Contains(tree.masked_paths, path); });
}

bool Ahead::HasReadonly(const std::string& path) const {
  return std::any_of(trees_.begin(), trees_.end(), [&path](const KernelTree& tree) { return Contains(tree.readonly_paths, path); });
}

Result<UniqueFd> Ahead::FileSystem(const FileSystemKind& kind, std::uint64_t attributes) {
  for (auto& [made, tree] : file_systems_) {
    if (!tree || !(made == kind)) continue;
    const std::uint64_t clear = (kAccess & ~attributes) | ((attributes & sys::kAttrAtimeMask) ? sys::kAttrAtimeMask : 0);
    const sys::MountAttr attr{attributes, clear, 0, 0};
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

// The first that asks gets the mount itself, and while that is mounted somewhere it can be cloned.
Result<UniqueFd> Ahead::Null() {
  if (std::exchange(null_is_mounted_, true)) return CloneMount(null_.get(), "", false);
  if (!null_) null_ = TSC_TRY(CloneMount(AT_FDCWD, "/dev/null", false));
  UniqueFd same(::fcntl(null_.get(), F_DUPFD_CLOEXEC, 3));
  if (!same) return Errno("clone mount", "/dev/null");
  return same;
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
