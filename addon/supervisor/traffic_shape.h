// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/json_reader.h"
#include "network/traffic_control.h"
#include "supervisor/endpoint.h"

namespace tsc {

// How fast a container may send and receive on each of its networks: bytes a second, 0: as fast as it can.
struct Rate {
  std::uint64_t egress = 0, ingress = 0;
  bool any() const { return egress != 0 || ingress != 0; }
};

// On a network of a container, as long as who wanted it is connected.
struct Impaired {
  Impairment how;
  std::weak_ptr<class Connection> owner;
};

// What is not said stays.
Result<Rate> ParseRate(const Json& json, const Rate& before);
// EINVAL: a share beyond all of it. {delayMs, jitterMs, lossPercent, duplicatePercent, corruptPercent, reorderPercent}
Result<Impairment> ParseImpairment(const Json& json);
Json RateJson(const Rate& rate);

// What it sends is held back at its own end of the link, what it receives at ours. EOPNOTSUPP: there is none of ours (macvlan).
Status ShapeEndpoint(NetworkHost* host, const Endpoint& endpoint, int pidfd, const Rate& rate, const Impairment& impairment);

}  // namespace tsc
