// SPDX-License-Identifier: Apache-2.0
#include "supervisor/networks.h"

#include <algorithm>

#include "network/addresses.h"
#include "supervisor/egress_options.h"
#include "supervisor/foreign_firewall.h"
#include "supervisor/leaving_networks.h"
#include "supervisor/network_records.h"
#include "supervisor/outward_address.h"
#include "supervisor/router.h"

namespace tsc {
namespace {

std::vector<NetworkSysctl> BridgeSysctls(const NetworkDefinition& network) {
  const std::string conf = "ipv6/conf/" + network.bridge + "/";
  return {{conf + "disable_ipv6", network.ipv6 ? "0" : "1"}, {conf + "accept_ra", "0"}, {conf + "accept_dad", "0"}};
}

RuleNetwork RulesOf(const NetworkDefinition& network) { return {network.bridge, network.internal, network.isolated}; }

bool Overlap(const NetworkDefinition& one, const NetworkDefinition& other) {
  return std::any_of(one.gateways.begin(), one.gateways.end(), [&](const IpPrefix& subnet) {
    return std::any_of(other.gateways.begin(), other.gateways.end(), [&](const IpPrefix& taken) { return subnet.Overlaps(taken); });
  });
}

// What it is called, and where it is: these never change.
Json WithoutEgress(Json network) {
  network.erase("egress");
  network.erase("egressVersion");
  return network;
}

Status BeginRemoval(NetworkHost* network, const std::string& id) {
  TSC_TRY(MarkLeaving(network->host(), id));
  for (const auto& endpoint : TSC_TRY(ReadEndpointRecords(network->host())))
    if (endpoint.network == id) return Fail("remove network", EBUSY, endpoint.container);
  return network->Open();
}

Json RouteJson(const Route& route) {
  return {{"destination", Text(route.destination)}, {"gateway", route.gateway ? Json(Text(*route.gateway)) : Json()}};
}

}  // namespace

Status Networks::CheckNew(const NetworkDefinition& definition) {
  if (leaving_.contains(definition.bridge)) return Fail("create network", EBUSY, definition.bridge);
  for (const auto& other : TSC_TRY(ReadNetworkRecords(network_.host()))) {
    if (other.id == definition.id) {
      if (WithoutEgress(other.json) == WithoutEgress(definition.json)) continue;
      return Fail("create network", EEXIST, definition.id);
    }
    if (other.bridge == definition.bridge) return Fail("create network", EEXIST, definition.bridge);
    if (Overlap(definition, other)) return Fail("create network", EADDRINUSE, Text(definition.gateways[0]));
  }
  return {};
}

Status Networks::MakeBridge(const NetworkDefinition& definition) {
  NetlinkSocket* links = network_.links();
  const auto found = TSC_TRY(FindLink(links, definition.bridge));
  if (found && found->group == network_.group() && found->up) return {};
  if (found && found->group != network_.group()) return Fail("create bridge", EEXIST, definition.bridge);
  if (!found) {
    const MacAddress mac = MacAddressFor(definition.gateways[0].address);
    TSC_TRY(links->Send(NewBridge({definition.bridge, network_.group(), mac, network_.MtuOf(definition)})));
  }
  TSC_TRY(network_.SetSysctls(BridgeSysctls(definition)));
  const auto made = TSC_TRY(FindLink(links, definition.bridge));
  if (!made) return Fail("find link", ENODEV, definition.bridge);
  std::vector<NetlinkMessage> messages;
  for (const auto& gateway : definition.gateways) messages.push_back(NewAddress(made->index, gateway));
  messages.push_back(LinkUp(made->index));
  return links->Send(std::move(messages));
}

Status Networks::Make(const NetworkDefinition& definition) {
  const bool first = TSC_TRY(ReadNetworkRecords(network_.host())).size() == 1;
  // One that is there already is found so, or all is said again.
  auto rules = first ? network_.ApplyRules() : network_.AddRules(ElementsOf(RulesOf(definition)));
  if (!rules.ok() && rules.failure().error != EEXIST) return rules;
  if (!definition.internal) TSC_TRY(BecomeRouter(&network_, definition.ipv6));
  TSC_TRY(MakeBridge(definition));
  made_.insert(definition.id);
  return {};
}

// Nothing of it is in the kernel but the links of its members.
Status Networks::EnsureMacvlan(const NetworkDefinition& definition) {
  if (network_.own()) return Fail("create network", EOPNOTSUPP, "macvlan");
  const auto parent = TSC_TRY(FindLink(network_.links(), definition.parent));
  if (!parent) return Fail("find parent", ENODEV, definition.parent);
  return WriteNetworkRecord(network_.host(), definition);
}

Status Networks::Ensure(const NetworkDefinition& definition) {
  TSC_TRY(network_.Open());
  TSC_TRY(watch_.Open(network_, {[this] { Repair(); }, [this] { AnswerOthers(); }}));
  return Establish(definition);
}

Status Networks::Establish(const NetworkDefinition& definition) {
  TSC_TRY(CheckNew(definition));
  if (definition.macvlan()) return EnsureMacvlan(definition);
  const bool known = ReadNetworkRecord(network_.host(), definition.id).ok();
  if (known) TSC_TRY(SetEgress(definition.id, definition.egress_version, Member(definition.json, "egress")));
  if (!known) TSC_TRY(WriteNetworkRecord(network_.host(), definition));
  // Whoever takes rules away afterwards is noticed.
  auto made = known && made_.contains(definition.id) ? MakeBridge(definition) : Make(definition);
  if (made.ok() && !known) AnswerOthers();
  if (made.ok() || known) return made;
  const auto link = FindLink(network_.links(), definition.bridge);
  if (link.ok() && *link && (*link)->group == network_.group()) (void)network_.links()->Send(DeleteLink(definition.bridge)).ok();
  (void)network_.RemoveRules(ElementsOf(RulesOf(definition))).ok();
  RemoveNetworkRecord(network_.host(), definition.id);
  return made;
}

void Networks::Ensure(const NetworkDefinition& definition, const Reply& reply) {
  const auto made = Ensure(definition);
  if (!made.ok()) return reply.Fail(made.failure());
  const auto answer = [reply] {
    const auto address = OutwardAddress();
    reply.Ok({{"hostAddress", address ? Json(Text(*address)) : Json()}});
  };
  if (!network_.own() || definition.internal) return reply.Ok({{"hostAddress", nullptr}});
  way_out_.Open(network_.where(), answer);
}

Status Networks::SetEgress(const std::string& id, std::int64_t version, const Json& egress) {
  auto network = TSC_TRY(ReadNetworkRecord(network_.host(), id));
  // Whoever says it has read an earlier one.
  if (version <= network.egress_version) return {};
  TSC_TRY(ParseEgress(egress));
  network.json["egress"] = egress;
  network.json["egressVersion"] = version;
  return WriteNetworkRecord(network_.host(), network);
}

// Whoever takes our rules away opens nothing for long.
void Networks::Repair() {
  const auto networks = ReadNetworkRecords(network_.host());
  if (networks.ok() && !networks->empty()) (void)network_.ApplyRules().ok();
}

// A table that its owner keeps from us is a lack that the probe tells of.
void Networks::AnswerOthers() {
  const auto networks = ReadNetworkRecords(network_.host());
  if (networks.ok() && !networks->empty()) (void)LetPassElsewhere(&network_).ok();
}

void Networks::Remove(const std::string& id, const Reply& reply) {
  const auto network = ReadNetworkRecord(network_.host(), id);
  if (!network.ok()) return reply.Fail(network.failure());
  if (leaving_.contains(network->bridge)) return reply.Fail(Fail("find network", ENOENT, id));
  if (const auto begun = BeginRemoval(&network_, id); !begun.ok()) {
    UnmarkLeaving(network_.host(), id);
    return reply.Fail(begun.failure());
  }
  leaving_.insert(network->bridge);
  DeleteLinks(network_.where(), {network->bridge}, [this, reply, network = *network] {
    ForgetNetwork(network);
    reply.Ok();
  });
}

// Its record goes last: should we be killed before, the next supervisor knows what to look for.
void Networks::ForgetNetwork(const NetworkDefinition& network) {
  const auto networks = ReadNetworkRecords(network_.host());
  const bool others = !networks.ok() || networks->size() > 1;
  if (others) {
    (void)network_.RemoveRules(ElementsOf(RulesOf(network))).ok();
  } else {
    TakePassageBackElsewhere(&network_);
    (void)network_.ClearRules().ok();
    CeaseRouting(network_);
  }
  HealAll({}, network.id);
  RemoveNetworkRecord(network_.host(), network.id);
  UnmarkLeaving(network_.host(), network.id);
  made_.erase(network.id);
  leaving_.erase(network.bridge);
  if (others) AnswerOthers();
}

Result<Json> Networks::Describe() {
  TSC_TRY(network_.Open());
  Json networks = Json::array(), routes = Json::array();
  for (const auto& network : TSC_TRY(ReadNetworkRecords(network_.host())))
    if (!leaving_.contains(network.bridge)) networks.push_back(network.json);
  const auto listed = TSC_TRY(ListRoutes(network_.links()));
  for (const auto& route : listed) routes.push_back(RouteJson(route));
  return Json{{"networks", std::move(networks)}, {"routes", std::move(routes)}};
}

}  // namespace tsc
