// SPDX-License-Identifier: Apache-2.0
#include "command/root_mount.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>

#include "command/caller.h"
#include "command/cgroup_place.h"
#include "command/sentence.h"
#include "core/syscalls.h"
#include "layer/no_umask.h"
#include "runtime/child_devices.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"

namespace tsc {
namespace {

std::uint32_t HostId(const std::vector<IdMapping>& mappings) {
  for (const auto& mapping : mappings)
    if (mapping.container == 0) return mapping.host;
  return 0;
}

Result<UniqueFd> RootTree(const std::string& rootfs, std::uint64_t propagation) {
  auto tree = TSC_TRY(CloneMount(AT_FDCWD, rootfs, true));
  const std::uint64_t kind = (propagation & MS_SLAVE) != 0 ? MS_SLAVE : MS_PRIVATE;
  const sys::MountAttr attr{0, 0, kind, 0};
  if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH | sys::kRecursive, attr) != 0) return Errno("set propagation", rootfs);
  return tree;
}

}  // namespace

std::uint64_t RootPropagation(const Json& config) {
  const auto name = StringMember(Member(config, "linux"), "rootfsPropagation");
  if (name == "shared" || name == "rshared") return MS_SHARED;
  if (name == "slave" || name == "rslave") return MS_SLAVE;
  return name == "unbindable" || name == "runbindable" ? MS_UNBINDABLE : 0;
}

Status PrepareMounts(const Record& record, const std::string& rootfs, ContainerPlan* plan) {
  auto& mounts = plan->spec.mounts;
  plan->root = TSC_TRY(RootTree(rootfs, RootPropagation(record.config)));
  TSC_TRY(PrepareBinds({}, plan));
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (mounts[i].type == "cgroup" && plan->cgroup_views.empty()) plan->cgroup_views = TSC_TRY(CgroupViews(record, mounts[i].attr_set));
    // Root of a user namespace can make no device nodes; its /dev gets binds of the host's (child_devices.h).
    const bool own_dev = mounts[i].destination == "/dev" && mounts[i].type == "tmpfs" && IsHostsRoot();
    if (!own_dev) continue;
    const NoUmask exact;
    plan->bind_sources[i] =
        TSC_TRY(MakeDeviceFileSystem(plan->spec, mounts[i], HostId(plan->spec.uid_mappings), HostId(plan->spec.gid_mappings)));
  }
  return {};
}

}  // namespace tsc
