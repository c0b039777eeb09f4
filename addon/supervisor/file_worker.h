// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "files/file_copy.h"
#include "files/file_root.h"

namespace tsc {

// The children's side of ContainerFiles.

// Answers calls until nobody asks any more: {"result":…} or {"error":…}, with the descriptor of an opened file.
void ServeFileCalls(const FileRootTarget& target, int socket);

// One copy or one watch; `request` is the message of `file.copy` or `file.watch`.
Result<Json> RunFileJob(const FileRootTarget& target, RootAccess access, const Json& request, const std::vector<int>& descriptors,
                        const FileLimits& limits, const std::function<void(const Json&)>& progress);

}  // namespace tsc
