// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/container_plan.h"
#include "runtime/kernel_trees.h"
#include "runtime/mount_kit.h"

namespace tsc {

// What a child has to mount before it may leave the host's tree, and what it can mount before it knows its container. A parked one has done
// most of it before there was a plan: pivoting waits for a grace period, and a new procfs or sysfs is only for those who still see the
// host's (mount_too_revealing of the kernel). Then the root of its mount namespace is a directory with nothing but the kernel's trees in
// it, and the container's root is mounted over that; each tree that fits the plan goes there as a whole.
class Ahead {
 public:
  // Of a parked child. Where the kernel refuses any of it the child stays where it is, and all is made when it is needed; it ends if it
  // cannot. `device_file_system` is what a tree at /dev is made of; where nobody may make device nodes the host's are bound.
  void Make(const std::vector<KernelTree>& trees, UniqueFd device_file_system, bool binds_devices);
  // Whether the host's tree is gone already.
  bool alone() const { return alone_; }

  // Keeps those of the trees that the plan has, too, and takes the others apart, so that what they are made of can be had.
  Status Fit(const ContainerPlan& plan);
  // Puts what was kept below the container's root.
  Status Attach(int root);
  bool Has(const Mount& mount) const;
  bool HasMasked(const std::string& path) const;
  bool HasReadonly(const std::string& path) const;

  Result<UniqueFd> FileSystem(const FileSystemKind& kind, std::uint64_t attributes);
  // A clone of the mount of one file of the host's /dev.
  Result<UniqueFd> Device(const std::string& path);
  // The host's /dev/null, for what is masked.
  Result<UniqueFd> Null();
  // What was given to Make, if it is not in use yet.
  UniqueFd TakeDeviceFileSystem() { return std::move(device_file_system_); }

 private:
  Result<UniqueFd> MakeAll(const std::vector<KernelTree>& trees, bool binds_devices);
  Status Furnish(const std::vector<KernelTree>& trees);
  Status TakeApart(const KernelTree& tree);
  Status TakeDevices();

  std::vector<std::pair<FileSystemKind, UniqueFd>> file_systems_;
  std::vector<std::pair<std::string, UniqueFd>> devices_;
  UniqueFd device_file_system_, null_;
  bool null_is_mounted_ = false;
  UniqueFd empty_;                 // the root of the mount namespace, while the child is alone
  std::vector<KernelTree> trees_;  // that stand in it
  bool alone_ = false;
};

// Leaves everything but the tree of this mount, which then is all there is.
Status ChildLeaveFor(int root);

}  // namespace tsc
