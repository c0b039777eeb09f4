// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "core/result.h"

namespace tsc {

// Replaces the file by rename: who waits for it never reads half a number.
Status WritePidFile(const std::string& path, pid_t pid);

}  // namespace tsc
