// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "layer/entry_metadata.h"
#include "layer/layer_stack.h"

namespace tsc {

// "user", "user:group", by name or number, as the accounts of the stack have them. A number without a group is the group as well. "find
// user", "find group": ENOENT, EINVAL.
Result<Owner> FindOwner(const LayerStack& stack, const std::string& wanted);

}  // namespace tsc
