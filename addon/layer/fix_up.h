// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "layer/layer_stack.h"

namespace tsc {

struct FixUpOptions {
  const LayerStack& layers;
  std::set<std::string> implied;  // of all layers but the lowest
  int target = -1;                // an empty directory
};

// Makes the layer that is to lie on top of these: an implied directory (layer/apply.h) that overlayfs would show as the layer has it gets
// the mode, owner, attributes and time that the layers below say, and so do the directories on the way to it. Nothing else is in it. The
// number of directories that needed it; 0: the stack shows what it should without. Sets the umask while it runs. Step "fix up layers".
Result<std::uint64_t> MakeFixUp(const FixUpOptions& options);

}  // namespace tsc
