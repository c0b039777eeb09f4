// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/child_ahead.h"
#include "runtime/spec.h"

namespace tsc {

// The option "tmpcopyup": a tmpfs that begins with what the image has at its place.
Result<UniqueFd> ChildCopyUp(const Mount& mount, int root, Ahead* ahead);

}  // namespace tsc
