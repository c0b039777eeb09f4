// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

namespace tsc {

// RemoveTree for trees of strangers, which may be deeper than a process has descriptors: what lies too deep is moved up first.
// Follows no link, crosses no mount. Missing is fine.
Status RemoveDeepTree(int dir, const char* name);

}  // namespace tsc
