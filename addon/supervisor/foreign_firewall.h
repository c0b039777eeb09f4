// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "supervisor/network_host.h"

namespace tsc {

// What the records tell of may pass the firewalls of others too, where we know a place for that (docs/decisions/0031). EPERM: a table is
// kept from everybody but its owner.
Status LetPassElsewhere(NetworkHost* network);
// Nothing of ours is left there.
void TakePassageBackElsewhere(NetworkHost* network);

}  // namespace tsc
