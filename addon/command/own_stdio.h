// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "runtime/container_plan.h"

namespace tsc {

// The caller's own standard streams, for a program whose user may open them anew. `preserved` descriptors from 3 on stay where they are.
Result<Stdio> OwnStdio(unsigned preserved);

}  // namespace tsc
