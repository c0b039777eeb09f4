// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "runtime/container_plan.h"
#include "supervisor/host.h"

namespace tsc {

// What the mounts of type `image` in a specification show: by their `source`, hex diffIDs, lowest first.
using MountedImages = std::map<std::string, std::vector<std::string>>;

// Makes the sources of those mounts: the layers, stacked and read-only. ENOTSUP ("mount image") where there is no overlayfs.
Status PrepareImageMounts(const Host& host, const MountedImages& images, bool user_namespace, ContainerPlan* plan);

}  // namespace tsc
