// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/mount_kit.h"
#include "runtime/spec.h"

namespace tsc {

// A file system of the kernel by what it is made from. Where it goes, and with which attributes, is said when it is attached.
struct FileSystemKind {
  std::string type;
  MountData data;
  bool operator==(const FileSystemKind&) const = default;
};
FileSystemKind KindOf(const Mount& mount);

// /proc, /dev or /sys as a container has it: what is mounted there and in it, from the top down, and what of that is covered. Nothing of it
// depends on the image, and it is mostly the same in one container and the next.
struct KernelTree {
  std::vector<Mount> mounts;
  std::vector<std::string> masked_paths, readonly_paths;
  bool operator==(const KernelTree&) const = default;

  const std::string& destination() const { return mounts.front().destination; }
  bool Has(const Mount& mount) const;
};

// Those that a container of this specification makes for itself; what the caller binds somewhere is in none.
std::vector<KernelTree> KernelTreesOf(const Spec& spec);

// Whether one of these is exactly what a container of this specification has there.
bool HasTree(const std::vector<KernelTree>& trees, const Spec& spec, const std::string& destination);

// Whether a child that has left the host's tree with these can make all that the specification asks for: it is given no other procfs and
// no other sysfs any more.
bool CanFurnish(const std::vector<KernelTree>& trees, const Spec& spec);

}  // namespace tsc
