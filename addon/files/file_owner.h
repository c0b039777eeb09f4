// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/json_reader.h"
#include "core/result.h"
#include "layer/entry_metadata.h"

namespace tsc {

// The owner that `value` names: "user", "user:group", by name or number, looked up in the root's own /etc/passwd and /etc/group, which may
// be anything. Null: none. Failures of FindUser (runtime/user_lookup.h).
Result<std::optional<Owner>> OwnerNamed(int root, const Json& value);

}  // namespace tsc
