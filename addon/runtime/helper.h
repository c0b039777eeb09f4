// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

namespace tsc {

// Runs `work` in a process that shares our memory and descriptors and holds us up until it has ended, as vfork does. For what changes
// the process that does it: without root we could not come back from the namespaces of a container. Somebody may kill the helper in the
// middle of its work, so `work` says in `argument` how far it came.
Status RunInHelper(int (*work)(void* argument), void* argument);

}  // namespace tsc
