// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "runtime/child_ahead.h"
#include "runtime/container_plan.h"

namespace tsc {

// Makes what the plan has mounted, covered and read-only below this root, as far as it was not made ahead.
Status ChildFurnish(const ContainerPlan& plan, int root, Ahead* ahead);

// In the container's own mount namespace: builds the whole tree below the plan's root, and makes it the only one there is.
Status ChildEnterRoot(const ContainerPlan& plan, Ahead* ahead);

// Writes the specification's sysctls through a procfs of our own, whatever the image has at /proc (CVE-2025-52881).
Status ChildApplySysctls(const Spec& spec);

}  // namespace tsc
