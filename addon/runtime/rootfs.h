// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/container_plan.h"

// What a container's mounts need of the host: made by the parent, in its own mount namespace, before the container is cloned.
namespace tsc {

struct OverlayPlan {
  std::vector<std::string> layers;  // directories, lowest first
  std::string upper, work;          // both empty: read-only
  bool userxattr = false;           // mounted in a user namespace: attributes of overlay are user.*
  bool is_volatile = false;         // no syncs: for containers whose files do not outlive a crash
  std::string staging;              // an empty directory, used where the kernel has no lowerdir+ (before 6.5)
};
Result<UniqueFd> MountOverlay(const OverlayPlan& plan);

struct BindPolicy {
  int user_namespace = -1;  // show owners through its maps; -1: as they are
};
// Opens the source of every bind mount of the specification, as a detached tree with its attributes already set.
Status PrepareBinds(const BindPolicy& policy, ContainerPlan* plan);

}  // namespace tsc
