// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// A detached copy of what is mounted at a path inside a container, found as its own processes would find it. `target` is a pidfd of its
// first process, `kinds` (CLONE_NEW…) has CLONE_NEWUSER where it has a user namespace of its own.
Result<UniqueFd> CloneMountInside(int target, int kinds, const char* path);

}  // namespace tsc
