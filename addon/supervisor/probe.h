// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json_reader.h"

namespace tsc {

// What this host can do for the calling user, found out by trying it in forked children. Sets nothing up and leaves nothing behind.
Json ProbeHost();

}  // namespace tsc
