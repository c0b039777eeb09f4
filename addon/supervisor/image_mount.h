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

struct ImageMounts {
  const MountedImages& images;
  bool user_namespace = false;
  const std::string& container;  // its directory has what is written to those that are not read-only
};

// Makes the sources of those mounts: the layers, stacked. ENOTSUP ("mount image") where there is no overlayfs.
Status PrepareImageMounts(const Host& host, const ImageMounts& mounts, ContainerPlan* plan);

}  // namespace tsc
