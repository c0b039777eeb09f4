// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json_reader.h"

namespace tsc {

// What leads out of a network namespace without root, tried out:
//
//     tun           {ok, errno, step} of opening /dev/net/tun, which all such programs need
//     programs      [{name, problem}], the better one first: those that are installed, up to the first that works, whose problem is empty
Json ProbeWayOut();

}  // namespace tsc
