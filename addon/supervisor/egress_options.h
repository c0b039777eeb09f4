// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/json_reader.h"
#include "network/egress_policy.h"

namespace tsc {

// The member `egress` of docs/protocol.md: {allow: [{name, below?} or {range}, each with protocol? and port?]}. Nothing: null or missing.
Result<std::optional<EgressPolicy>> ParseEgress(const Json& json);

// As ranges, where the host's own name stands: the addresses of the host on that network.
EgressPolicy WithHost(EgressPolicy policy, const std::vector<IpPrefix>& gateways);

Json EgressRangesJson(const std::vector<EgressRange>& ranges);
// What cannot be read is left out.
std::vector<EgressRange> EgressRangesOf(const Json& list);

}  // namespace tsc
