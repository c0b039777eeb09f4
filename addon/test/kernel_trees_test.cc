// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/kernel_trees.h"

namespace tsc {
namespace {

Mount Of(const char* type, const char* destination, MountData data = {}) {
  Mount mount;
  mount.type = type;
  mount.destination = destination;
  mount.data = std::move(data);
  return mount;
}

Mount Bind(const char* destination) {
  Mount mount = Of("bind", destination);
  mount.bind = true;
  return mount;
}

Spec Usual() {
  Spec spec;
  spec.mounts = {Of("proc", "/proc"), Of("tmpfs", "/dev"), Of("devpts", "/dev/pts"), Of("tmpfs", "/dev/shm", {{"size", "64k"}}),
                 Of("sysfs", "/sys")};
  spec.masked_paths = {"/proc/keys", "/sys/firmware", "/srv/secret"};
  spec.readonly_paths = {"/proc/sys"};
  return spec;
}

std::vector<std::string> Places(const std::vector<KernelTree>& trees) {
  std::vector<std::string> places;
  for (const auto& tree : trees) places.push_back(tree.destination() + ":" + std::to_string(tree.mounts.size()));
  return places;
}

}  // namespace

TEST_CASE("the kernel's trees are what is mounted and covered in /proc, /dev and /sys") {
  const auto trees = KernelTreesOf(Usual());
  CHECK(Places(trees) == std::vector<std::string>{"/proc:1", "/dev:3", "/sys:1"});
  CHECK(trees[0].masked_paths == std::vector<std::string>{"/proc/keys"});
  CHECK(trees[0].readonly_paths == std::vector<std::string>{"/proc/sys"});
  CHECK(trees[2].masked_paths == std::vector<std::string>{"/sys/firmware"});
  CHECK(trees[1].Has(Usual().mounts[3]));
  CHECK_FALSE(trees[1].Has(Usual().mounts[0]));
}

TEST_CASE("what the caller brings is in none of them") {
  Spec spec = Usual();
  spec.mounts.push_back(Bind("/dev/shm"));
  spec.mounts.push_back(Of("tmpfs", "/proc/acpi"));
  spec.mounts.push_back(Of("tmpfs", "/tmp"));
  CHECK(KernelTreesOf(spec) == KernelTreesOf(Usual()));
  spec.mounts[1] = Bind("/dev");
  CHECK(Places(KernelTreesOf(spec)) == std::vector<std::string>{"/proc:1", "/sys:1"});
}

TEST_CASE("more devices make another /dev, which is not made ahead") {
  Spec spec = Usual();
  spec.devices.push_back({"/dev/fuse", 0, 10, 229, {}, 0, 0});
  CHECK(Places(KernelTreesOf(spec)) == std::vector<std::string>{"/proc:1", "/sys:1"});
  CHECK_FALSE(HasTree(KernelTreesOf(Usual()), spec, "/dev"));
  CHECK(HasTree(KernelTreesOf(Usual()), spec, "/proc"));
}

TEST_CASE("whoever left the host's tree has no procfs and no sysfs but those it made") {
  const auto trees = KernelTreesOf(Usual());
  Spec spec = Usual();
  spec.mounts[3].data = {{"size", "1m"}};
  spec.masked_paths.clear();
  CHECK(CanFurnish(trees, spec));
  CHECK_FALSE(HasTree(trees, spec, "/proc"));
  spec.mounts[0].data = {{"hidepid", "2"}};
  CHECK_FALSE(CanFurnish(trees, spec));
}

}  // namespace tsc
