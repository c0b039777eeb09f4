// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "network/rule_set.h"
#include "supervisor/host.h"

// What names have led to, of each container with an egress policy: v1/egress/<id>. Whoever says all rules again says these too.
namespace tsc {

struct LearnedFlow {
  EgressFlow flow;
  std::chrono::system_clock::time_point until;  // for new connections
};

// Without flows there is none.
Status WriteEgressRecord(const Host& host, const std::string& container, const std::vector<LearnedFlow>& flows);
// Of all containers, as elements.
std::vector<NftElement> ReadLearnedElements(const Host& host, const std::vector<RuleEndpoint>& endpoints);

}  // namespace tsc
