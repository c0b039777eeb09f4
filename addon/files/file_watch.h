// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/json_reader.h"
#include "core/result.h"
#include "files/file_root.h"

namespace tsc {

// Watches a file, or a directory and with `recursive` all below it, and writes a line of JSON for each event to `output` until nobody reads
// there any more. Without a reader it waits; what the kernel cannot keep meanwhile is told as one "overflow".
//   {"type": "created" | "changed" | "attributes" | "deleted" | "moved" | "overflow", "path", "from"? (moved), "directory": boolean}
// Calls `ready` when all is watched. Returns where what is watched is gone. Step "watch file"; ENOSPC: the user has too many watches.
Result<Json> WatchFiles(const FileRoot& root, const std::string& path, bool recursive, int output, const std::function<void()>& ready);

}  // namespace tsc
