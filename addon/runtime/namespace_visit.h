// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/result.h"

namespace tsc {

// Whether this process could come back from another namespace of that kind, CLONE_NEWNET or CLONE_NEWPID: it may enter the one it is in.
// Without root that one is mostly the host's.
bool CanVisit(int kind);

// Does `work`, which enters a namespace of that kind, and comes back. Only of a process of one thread, and only after CanVisit.
void VisitNamespace(int kind, const std::function<void()>& work);

// The same by whatever way there is: a visit, or a helper (helper.h), which costs a process. `work` allocates nothing.
Status RunVisiting(int kind, int (*work)(void* argument), void* argument);

}  // namespace tsc
