// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

// A created container waits on a socket in its record's directory for the one connection that starts it. Over that it says why its program
// could not be run (child_report.h); its end without a word means that the program runs.
namespace tsc {

Result<UniqueFd> ShutGate(int directory);
bool IsGateShut(int directory);
// Of the process that waits: gives the connection.
Result<UniqueFd> WaitAtGate(int listener);
// Returns when the program runs. ENOENT: nobody waits.
Status OpenGate(int directory);

}  // namespace tsc
