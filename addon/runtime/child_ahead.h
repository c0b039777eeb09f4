// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/mount_kit.h"
#include "runtime/spec.h"

namespace tsc {

// A file system of the kernel by what it is made from. Where it goes, and with which attributes, is said when it is attached.
struct FileSystemKind {
  std::string type;
  MountData data;
  bool operator==(const FileSystemKind&) const = default;
};

// What a child has to mount before it may leave the host's tree. A parked one has made most of it before there was a plan: pivoting waits
// for a grace period, and a new procfs or sysfs is only for those who still see the host's (mount_too_revealing of the kernel), so both are
// done while nobody waits. Then the root of its mount namespace is an empty directory, and the container's is mounted over that.
class Ahead {
 public:
  // Of a parked child. Where the kernel refuses anything the child stays where it is, and all is made when it is needed; it ends if it
  // cannot.
  void Make(const std::vector<FileSystemKind>& kinds);
  // Whether the host's tree is gone already.
  bool alone() const { return alone_; }

  Result<UniqueFd> FileSystem(const FileSystemKind& kind, std::uint64_t attributes);
  // A clone of the mount of one file of the host's /dev.
  Result<UniqueFd> Device(const std::string& path);

 private:
  // The empty directory that lies over the root then.
  Result<UniqueFd> MakeAll(const std::vector<FileSystemKind>& kinds);

  std::vector<std::pair<FileSystemKind, UniqueFd>> file_systems_;
  std::vector<std::pair<std::string, UniqueFd>> devices_;
  bool alone_ = false;
};

// Leaves everything but the tree of this mount, which then is all there is.
Status ChildLeaveFor(int root);

}  // namespace tsc
