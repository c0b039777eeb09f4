// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "layer/layer_stack.h"

namespace tsc {

// The unpacked layers of the store (its root is `store`), with what their records say of implied directories. Lowest first, as the names.
Result<std::vector<StackLayer>> OpenStoredLayers(int store, const std::vector<std::string>& layers);

}  // namespace tsc
