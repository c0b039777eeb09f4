// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "layer/entry_metadata.h"
#include "layer/layer_stack.h"

namespace tsc {

// "user", "user:group", ":group", by name or number, as the accounts of the stack have them. A number is the group as well where none is
// given. As with BuildKit a user that nobody has is root, such a group the user's own, and an empty one root's. "find user", "find group":
// EINVAL; ENOENT for a name where there is no layer at all.
Result<Owner> FindOwner(const LayerStack& stack, const std::string& wanted);

}  // namespace tsc
