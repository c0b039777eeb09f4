// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "runtime/spec.h"

namespace tsc {

// Sorts one option of a mount (OCI runtime-spec 1.2, "Linux mount options") into attributes, propagation, flags or file system data.
Status ApplyMountOption(const std::string& option, Mount* mount);

}  // namespace tsc
