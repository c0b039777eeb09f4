// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "runtime/child_ahead.h"
#include "runtime/container_plan.h"

namespace tsc {

// The file systems that a container of this specification makes in its own namespaces.
std::vector<FileSystemKind> OwnFileSystems(const Spec& spec);

// In the container's own mount namespace: builds the whole tree below the plan's root, and makes it the only one there is.
Status ChildEnterRoot(const ContainerPlan& plan, Ahead* ahead);

// Writes the specification's sysctls through a procfs of our own, whatever the image has at /proc (CVE-2025-52881).
Status ChildApplySysctls(const Spec& spec);

}  // namespace tsc
