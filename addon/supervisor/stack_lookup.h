// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "layer/layer_stack.h"

namespace tsc {

// The directory that `path` leads to in a stack of layers, as if that were mounted at "/": links are followed, and none leads out of it.
// Nothing where there is none, or something else. ELOOP (step "read layers") for links without an end.
Result<std::optional<LayerStack::Directory>> FindDirectory(const LayerStack& stack, const std::string& path);

}  // namespace tsc
