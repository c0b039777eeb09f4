// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/container_plan.h"

namespace tsc {

// A plan on its way to a parked child, which was cloned before there was a plan: one packet of plain bytes and the plan's descriptors.
// Both ends are the same program, so there is no version and no byte order; the reader trusts the writer.
ContainerPlan DecodePlan(const std::string& bytes, std::vector<UniqueFd> descriptors);

// E2BIG: more than a packet carries; such a container gets a child cloned for it alone.
Status SendPlan(int socket, const ContainerPlan& plan);
// Waits. EPIPE: the other side is gone.
Result<std::string> ReceivePlanBytes(int socket, std::vector<UniqueFd>* descriptors);

}  // namespace tsc
