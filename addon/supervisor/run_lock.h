// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// A lock between the processes of one run directory: `path` is a file in it, which is made where it is missing. Held for some calls of
// the kernel: by somebody who stands still meanwhile, nobody else is held up for more than two seconds (EAGAIN).
Result<UniqueFd> LockRun(int run_dir, const char* path, const char* step);

}  // namespace tsc
