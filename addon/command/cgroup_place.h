// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroup/driver.h"
#include "command/record.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/container_plan.h"

namespace tsc {

inline constexpr const char* kRuntimeSpecVersion = "1.2.0";

// linux.cgroupsPath as <base>/<name>; without one the container is at the top of each tree, under its id. Failure: a sentence.
Status PlaceCgroup(const Json& config, Record* record);

// linux.resources, with the devices that every container may use behind its own rules (OCI runtime-spec, "Default Devices").
Result<CgroupResources> ResourcesOf(const Json& config);

// Nothing where no cgroup can be made and no limit asks for one: in a user namespace without delegation. Device rules are held by the
// lack of nodes there.
Result<std::optional<Cgroup>> MakeContainerCgroup(const Record& record, const CgroupResources& resources);
// ENOENT: it has none (any more).
Result<Cgroup> OpenContainerCgroup(const Record& record);
bool IsFrozen(const Record& record);
// Every process in it and below, in no order.
Result<std::vector<pid_t>> ContainerProcesses(const Record& record);
// Kills what is left, and removes it.
Status RemoveContainerCgroup(const Record& record);

// v1: what a mount of type "cgroup" shows, the container's own directory of each hierarchy.
Result<std::vector<CgroupView>> CgroupViews(const Record& record, std::uint64_t attributes);

}  // namespace tsc
