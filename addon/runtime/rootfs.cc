// SPDX-License-Identifier: Apache-2.0
#include "runtime/rootfs.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/id_map.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

Status Configure(int context, const char* key, const std::string& value) {
  const int code = value.empty() ? sys::fsconfig(context, sys::kConfigSetFlag, key, nullptr, 0)
                                 : sys::fsconfig(context, sys::kConfigSetString, key, value.c_str(), 0);
  if (code != 0) return Errno("configure overlay", value.empty() ? key : std::string(key) + "=" + value);
  return {};
}

Status ConfigureAll(int context, const OverlayPlan& plan) {
  for (auto layer = plan.layers.rbegin(); layer != plan.layers.rend(); ++layer) TSC_TRY(Configure(context, "lowerdir+", *layer));
  if (!plan.upper.empty()) {
    TSC_TRY(Configure(context, "upperdir", plan.upper));
    TSC_TRY(Configure(context, "workdir", plan.work));
    if (plan.is_volatile) TSC_TRY(Configure(context, "volatile", ""));
  }
  // Read-only, what is stacked may be the upper directory of an overlay in use, which an index would forbid.
  if (plan.upper.empty()) TSC_TRY(Configure(context, "index", "off"));
  if (plan.userxattr) TSC_TRY(Configure(context, "userxattr", ""));
  return {};
}

Result<UniqueFd> MountByContext(const OverlayPlan& plan) {
  const UniqueFd context(sys::fsopen("overlay"));
  if (!context) return Errno("open file system", "overlay");
  TSC_TRY(ConfigureAll(context.get(), plan));
  if (sys::fsconfig(context.get(), sys::kConfigCreate, nullptr, nullptr, 0) != 0) return Errno("mount overlay", plan.upper);
  UniqueFd mount(sys::fsmount(context.get(), 0));
  if (!mount) return Errno("mount overlay", plan.upper);
  return mount;
}

// One page of options is all that mount(2) takes: directories are named by their descriptors, which also need no escaping.
class NamedByDescriptor {
 public:
  Result<std::string> Name(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return Errno("open layer", path);
    held_.push_back(std::move(fd));
    return "/proc/self/fd/" + std::to_string(held_.back().get());
  }

 private:
  std::vector<UniqueFd> held_;
};

Result<UniqueFd> MountByOptions(const OverlayPlan& plan) {
  NamedByDescriptor directories;
  std::string options;
  for (auto layer = plan.layers.rbegin(); layer != plan.layers.rend(); ++layer) {
    options += (options.empty() ? "lowerdir=" : ":") + TSC_TRY(directories.Name(*layer));
  }
  if (!plan.upper.empty()) {
    options += ",upperdir=" + TSC_TRY(directories.Name(plan.upper)) + ",workdir=" + TSC_TRY(directories.Name(plan.work));
    if (plan.is_volatile) options += ",volatile";
  }
  if (plan.upper.empty()) options += ",index=off";
  if (plan.userxattr) options += ",userxattr";
  if (options.size() >= 4096) return Fail("mount overlay", E2BIG, std::to_string(plan.layers.size()) + " layers");
  if (::mount("overlay", plan.staging.c_str(), "overlay", 0, options.c_str()) != 0) return Errno("mount overlay", plan.upper);
  auto tree = CloneMount(AT_FDCWD, plan.staging, false);
  ::umount2(plan.staging.c_str(), MNT_DETACH);
  return tree;
}

// What is below the source may be a container's work: links in it stay in it, whoever changes them meanwhile.
Result<UniqueFd> CloneSource(const Mount& mount) {
  if (mount.subpath.empty()) {
    auto tree = CloneMount(AT_FDCWD, mount.source, mount.recursive);
    if (!tree.ok()) return Fail("open bind source", tree.failure().error, mount.source);
    return tree;
  }
  const UniqueFd source(::open(mount.source.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!source) return Errno("open bind source", mount.source);
  const auto part = OpenInRoot(source.get(), mount.subpath, O_PATH);
  auto tree = part.ok() ? CloneMount(part->get(), "", mount.recursive) : Result<UniqueFd>(part.failure());
  if (!tree.ok()) return Fail("open subpath", tree.failure().error, mount.subpath);
  return tree;
}

Status PrepareBind(const Mount& mount, const BindPolicy& policy, UniqueFd* out) {
  auto tree = CloneSource(mount);
  if (!tree.ok()) return tree.failure();
  // A slave of the host's mount stays one: what is mounted there later shows. A shared one shows the host what is mounted in it.
  const std::uint64_t propagation = (mount.propagation & MS_SHARED) != 0 ? 0 : (mount.propagation & MS_SLAVE) != 0 ? MS_SLAVE : MS_PRIVATE;
  const sys::MountAttr attr{mount.attr_set, mount.attr_clear, propagation, 0};
  if (sys::mount_setattr(tree->get(), "", AT_EMPTY_PATH | sys::kRecursive, attr) != 0) return Errno("set bind options", mount.source);
  if (policy.user_namespace >= 0 && mount.idmap) TSC_TRY(IdmapMount(tree->get(), policy.user_namespace, mount.source));
  *out = std::move(*tree);
  return {};
}

}  // namespace

Result<UniqueFd> MountOverlay(const OverlayPlan& plan) {
  auto mounted = MountByContext(plan);
  // Before 6.5 there is no lowerdir+, and what an option means is looked at only when the file system is made.
  if (mounted.ok() || mounted.failure().error != EINVAL) return mounted;
  return MountByOptions(plan);
}

Status PrepareBinds(const BindPolicy& policy, ContainerPlan* plan) {
  plan->bind_sources.resize(plan->spec.mounts.size());
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    if (plan->spec.mounts[i].bind) TSC_TRY(PrepareBind(plan->spec.mounts[i], policy, &plan->bind_sources[i]));
  }
  return {};
}

}  // namespace tsc
