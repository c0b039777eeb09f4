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
// What it is asked by who goes, and answers: others stay, or it was the last.
inline constexpr char kWayOutLeave = '-', kWayOutStays = '=', kWayOutEnds = '.';

// Starts the program for that network namespace, below a keeper that is the first process of a pid namespace: when it is killed all of it
// goes along. The program sees the host's network; it has the capabilities that it needs to enter the other one and to shut itself in,
// gains none, and has no descriptor of ours. The keeper has no capability, and ends when all sockets to it are closed: ours, and those of
// others who found `listener`, if there is one.
Result<WayOutKeeper> StartWayOut(const WayOutProgram& program, int network_namespace, int listener = -1);

}  // namespace tsc
