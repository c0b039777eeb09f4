// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "supervisor/egress_options.h"
#include "supervisor/network_records.h"
#include "supervisor/networks.h"
#include "supervisor/outward_address.h"

// What containers may reach outside: docs/decisions/0029.
namespace tsc {

Status Networks::PlanEgress(const std::optional<EgressPolicy>& own, const NetworkDefinition& network, Endpoint* endpoint) {
  endpoint->policy = own ? own : network.egress;
  endpoint->rules.egress.reset();
  if (!endpoint->policy) return {};
  if (endpoint->macvlan) return Fail("apply egress policy", EOPNOTSUPP, network.id);
  auto host = network.gateways;
  // Who is let out by a namespace of ours reaches it where the whole network does.
  if (const auto outward = network_.own() ? OutwardAddress() : std::nullopt) host.push_back({*outward, 32});
  endpoint->policy = WithHost(std::move(*endpoint->policy), host);
  endpoint->rules.egress = RuleEgress{endpoint->policy->ranges, TSC_TRY(egress_.Listen())};
  return {};
}

Status Networks::Police(const std::string& container, const std::vector<Endpoint>& endpoints) {
  std::vector<Egress::Place> places;
  std::vector<std::string> networks;
  for (const auto& endpoint : endpoints) {
    networks.push_back(endpoint.network);
    if (endpoint.policy) places.push_back({endpoint.rules.addresses, LinkLocalAddressOf(endpoint.rules.mac), *endpoint.policy});
  }
  names_.Limit(container, networks, NamesAllowed(endpoints));
  return egress_.Police(container, std::move(places));
}

// Names lead out by the host, whichever network a connection would take: so one policy is enough to forbid them.
std::optional<std::vector<EgressName>> Networks::NamesAllowed(const std::vector<Endpoint>& endpoints) {
  std::optional<std::vector<EgressName>> allowed;
  for (const auto& endpoint : endpoints) {
    if (!endpoint.policy) continue;
    if (!allowed) allowed.emplace();
    allowed->insert(allowed->end(), endpoint.policy->names.begin(), endpoint.policy->names.end());
  }
  return allowed;
}

// Rules, then names: whatever these have led to is looked through last, and nothing is learned meanwhile.
Status Networks::ChangeEgress(const std::string& container, const std::optional<EgressPolicy>& own, std::vector<Endpoint>* endpoints) {
  for (auto& endpoint : *endpoints) {
    const auto network = TSC_TRY(ReadNetworkRecord(network_.host(), endpoint.network));
    auto gone = EgressElementsOf(endpoint.rules);
    TSC_TRY(PlanEgress(own, network, &endpoint));
    auto come = EgressElementsOf(endpoint.rules);
    const auto stays = [](const std::vector<NftElement>& list) {
      return [&list](const NftElement& element) { return std::find(list.begin(), list.end(), element) != list.end(); };
    };
    const auto before = gone;
    std::erase_if(gone, stays(come));
    std::erase_if(come, stays(before));
    TSC_TRY(WriteEndpointRecord(network_.host(), {endpoint.container, endpoint.network, endpoint.rules, endpoint.names}));
    TSC_TRY(network_.ChangeRules(gone, come));
  }
  return Police(container, *endpoints);
}

}  // namespace tsc
