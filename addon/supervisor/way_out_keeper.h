// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/way_out_program.h"

namespace tsc {

// The process that a way out runs under.
struct WayOutKeeper {
  UniqueFd pidfd;
  // Says kWayOutReady when packets can leave, and then nothing more; or, before its end, why it cannot be.
  UniqueFd socket;
};

inline constexpr char kWayOutReady = '+';

// Starts the program for that network namespace, below a keeper that is the first process of a pid namespace: whoever of them, or of us, is
// killed takes all of it along. The program sees the host's network; it has the capabilities that it needs to enter the other one and to
// shut itself in, gains none, and has no descriptor of ours. The keeper has no capability, and ends when its socket is closed.
Result<WayOutKeeper> StartWayOut(const WayOutProgram& program, int network_namespace);

}  // namespace tsc
