// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "layer/copy_metadata.h"

namespace tsc {

// Gives a container's root directory the owner, mode, attributes and time that the unpacked layer's has. An owner that the shift does not
// have stays the container's root. `store` is the engine's root.
Status CopyRootMetadata(int store, const std::string& layer, int target, const IdShift& shift);

// What it is like, for a copy whose owners are shifted so.
Result<FileMetadata> DescribeDirectory(int source, const IdShift& shift);
// The same from any directory to any other.
Status CopyDirectoryMetadata(int source, int target, const IdShift& shift);

}  // namespace tsc
