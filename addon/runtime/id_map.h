// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/spec.h"

namespace tsc {

// A user namespace without processes, for idmapped mounts: it exists as long as the descriptor does.
Result<UniqueFd> NewUserNamespace(const std::vector<IdMapping>& uids, const std::vector<IdMapping>& gids);

// Lets a detached tree show its files' owners through the maps of `user_namespace` (mount_setattr(2), MOUNT_ATTR_IDMAP).
Status IdmapMount(int tree, int user_namespace, const std::string& name);

}  // namespace tsc
