// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

// What the kernel asks of whoever is on a network besides: a pair of links, one end a port of a bridge, the other inside with an address
// and a route. No rules, no names, no records.
namespace bench {

// Moves this process into a network namespace with a bridge, once.
void MakeFloorBridge();
// For a process in a network namespace of its own. The pair goes with that namespace.
void GiveFloorLink(pid_t pid);
// In that process: its end is up.
void SetFloorLinkUp();

}  // namespace bench
