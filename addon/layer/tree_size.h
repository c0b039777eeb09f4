// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/result.h"

namespace tsc {

struct TreeSize {
  std::uint64_t bytes = 0;  // on the disk, files with several names once
  std::uint64_t entries = 0;
};

// Follows no link, enters no mount. What vanishes meanwhile is not counted. Step "measure tree".
Result<TreeSize> MeasureTree(int root);

}  // namespace tsc
