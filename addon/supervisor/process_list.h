// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <vector>

#include "core/json_reader.h"

namespace tsc {

// The processes below `roots`, by the kernel's lists of children: {pid (in its own namespace), hostPid, command}.
Json ListProcesses(std::vector<pid_t> roots);

}  // namespace tsc
