// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/result.h"

namespace tsc {

// Does `work`, which enters a namespace of that kind, CLONE_NEWNET or CLONE_NEWPID, and comes back. Only of a process of one thread. False,
// and nothing is done, where it could not come back: without root the namespace it is in is mostly the host's.
bool VisitNamespace(int kind, const std::function<void()>& work);

// The same by whatever way there is: a visit, or a helper (helper.h), which costs a process. `work` allocates nothing.
Status RunVisiting(int kind, int (*work)(void* argument), void* argument);

}  // namespace tsc
