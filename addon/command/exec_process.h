// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command/arguments.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/spec.h"

namespace tsc {

// What exec is to run: the file of --process, or the words behind the id with the container's own process for all that no option says.
Result<Process> ExecProcess(const Options& options, const Json& config);

}  // namespace tsc
