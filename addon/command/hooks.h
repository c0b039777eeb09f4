// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// Runs the hooks of one kind ("createRuntime" …) one after the other, each with the state on its stdin, until one fails; "timeout"
// (seconds) ends a hook that takes longer. The failure is a sentence with what the hook wrote. OCI runtime-spec, "POSIX-platform Hooks".
Status RunHooks(const Json& config, const char* kind, const Json& state);
bool HasHooks(const Json& config, const char* kind);

}  // namespace tsc
