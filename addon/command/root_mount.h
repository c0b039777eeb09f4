// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "command/record.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/container_plan.h"

namespace tsc {

// The root file system, the sources of bind mounts, the views of cgroups and the /dev of a container, as detached mounts.
Status PrepareMounts(const Record& record, const std::string& rootfs, ContainerPlan* plan);

// linux.rootfsPropagation as mount(2) takes it; 0: none was asked for, or the default.
std::uint64_t RootPropagation(const Json& config);

}  // namespace tsc
