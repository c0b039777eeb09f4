// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command/invocation.h"
#include "command/record.h"
#include "core/result.h"

namespace tsc {

// Lets a created container's program run, then its poststart hooks, whose failures are warnings.
Status StartContainer(const Invocation& call, const RecordPlace& place);

// Kills what is left, removes the cgroup and the record, then runs the poststop hooks, whose failures are warnings.
Status DeleteContainer(const Invocation& call, const RecordPlace& place);

}  // namespace tsc
