// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernel_trees.h"

#include <algorithm>
#include <array>

namespace tsc {
namespace {

constexpr std::array<const char*, 3> kTops{"/proc", "/dev", "/sys"};
constexpr std::array<const char*, 6> kTypes{"proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2"};

bool IsWithin(const std::string& path, const std::string& top) { return path.starts_with(top + "/"); }

bool IsKernels(const Mount& mount, const std::string& top) {
  if (mount.bind || mount.copy_up || mount.propagation != 0) return false;
  return std::find(kTypes.begin(), kTypes.end(), mount.type) != kTypes.end() || (mount.type == "tmpfs" && top == "/dev");
}

// What matters of it where it is no bind.
Mount Reduced(const Mount& mount) {
  Mount reduced;
  reduced.destination = mount.destination;
  reduced.type = mount.type;
  reduced.attr_set = mount.attr_set;
  reduced.data = mount.data;
  return reduced;
}

std::vector<std::string> Within(const std::vector<std::string>& paths, const std::string& top) {
  std::vector<std::string> found;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(found), [&top](const auto& path) { return IsWithin(path, top); });
  return found;
}

}  // namespace

bool KernelTree::Has(const Mount& mount) const {
  return IsKernels(mount, destination()) && std::find(mounts.begin(), mounts.end(), Reduced(mount)) != mounts.end();
}

FileSystemKind KindOf(const Mount& mount) {
  FileSystemKind kind{mount.type, mount.data};
  if (mount.type != "devpts") return kind;
  std::erase_if(kind.data, [](const auto& entry) { return entry.first == "newinstance"; });
  kind.data.insert(kind.data.begin(), {"newinstance", ""});
  return kind;
}

std::vector<KernelTree> KernelTreesOf(const Spec& spec) {
  std::vector<KernelTree> trees;
  for (const std::string top : kTops) {
    KernelTree tree;
    for (const auto& mount : spec.mounts) {
      const bool is_top = mount.destination == top;
      const bool is_part = !tree.mounts.empty() && IsWithin(mount.destination, top);
      if (IsKernels(mount, top) && (is_part || (is_top && tree.mounts.empty()))) tree.mounts.push_back(Reduced(mount));
    }
    // More devices than every container has are made with the file system, by whoever may.
    if (tree.mounts.empty() || (top == "/dev" && !spec.devices.empty())) continue;
    tree.masked_paths = Within(spec.masked_paths, top);
    tree.readonly_paths = Within(spec.readonly_paths, top);
    trees.push_back(std::move(tree));
  }
  return trees;
}

bool HasTree(const std::vector<KernelTree>& trees, const Spec& spec, const std::string& destination) {
  const auto wanted = KernelTreesOf(spec);
  return std::any_of(wanted.begin(), wanted.end(), [&](const KernelTree& tree) {
    return tree.destination() == destination && std::find(trees.begin(), trees.end(), tree) != trees.end();
  });
}

bool CanFurnish(const std::vector<KernelTree>& trees, const Spec& spec) {
  const auto has = [&trees](const FileSystemKind& kind) {
    return std::any_of(trees.begin(), trees.end(), [&kind](const KernelTree& tree) {
      return std::any_of(tree.mounts.begin(), tree.mounts.end(), [&kind](const Mount& mount) { return KindOf(mount) == kind; });
    });
  };
  return std::all_of(spec.mounts.begin(), spec.mounts.end(), [&has](const Mount& mount) {
    return mount.bind || (mount.type != "proc" && mount.type != "sysfs") || has(KindOf(mount));
  });
}

}  // namespace tsc
