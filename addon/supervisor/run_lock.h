// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// flock(2), tried for that long at most; false with errno, EWOULDBLOCK where somebody else has it all the time.
bool LockWithin(std::chrono::milliseconds time, int fd, int operation);

// A lock between the processes of one run directory: `path` is a file in it, which is made where it is missing. Held for some calls of
// the kernel: by somebody who stands still meanwhile, nobody else is held up for more than two seconds (EAGAIN).
Result<UniqueFd> LockRun(int run_dir, const char* path, const char* step);

}  // namespace tsc
