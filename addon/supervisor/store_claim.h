// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// A store's containers belong to one run directory: there are the sockets of those who know which of them live. Claims the store for it,
// until the last process that holds the descriptor ends; supervisors and monitors of the same run directory claim it together.
// "claim store" (EBUSY, object: the other run directory) while another one's hold it.
Result<UniqueFd> ClaimStore(int root_dir, int run_dir, const char* run_root);

}  // namespace tsc
