// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "layer/tree_changes.h"

namespace tsc {

struct SealOptions {
  int tree = -1;              // what a process wrote; nobody writes to it any more, and it is not mounted
  int target = -1;            // an empty directory on the same file system
  std::uint64_t id_base = 0;  // the owner in `tree` that is root, and how many there are
  std::uint64_t id_count = 4294967295;
};

// Makes a layer's directory of these changes (layer/tree_changes.h): files are moved, not copied, directories made anew, so that nothing
// comes along which overlayfs noted for itself. Owners become those of an image. What of the tree was not moved stays for the caller to
// remove. EINVAL with "unmapped" for an owner that no image can have. Sets the umask while it runs. Step "seal layer".
Status SealChanges(const SealOptions& options, const std::vector<TreeChange>& changes);

}  // namespace tsc
