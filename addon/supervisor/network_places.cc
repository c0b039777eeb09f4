// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>

#include <algorithm>

#include "runtime/inside_resolver.h"
#include "supervisor/egress_records.h"
#include "supervisor/foreign_firewall.h"
#include "supervisor/leaving_networks.h"
#include "supervisor/network_addresses.h"
#include "supervisor/network_records.h"
#include "supervisor/networks.h"
#include "supervisor/router.h"
#include "supervisor/stored_container.h"
#include "supervisor/stored_networks.h"

// The places of containers on networks: how they come, and that nothing of them stays.
namespace tsc {
namespace {

Status CheckAddresses(const NetworkDefinition& network, const NetworkPlace& place) {
  for (const auto& address : place.addresses) {
    const IpPrefix* subnet = network.SubnetOf(address);
    if (!subnet) return Fail("connect network", ERANGE, Text(address));
    if (IsReserved(*subnet, address)) return Fail("connect network", EADDRNOTAVAIL, Text(address));
  }
  return {};
}

Status CheckStays(const Host& host, const std::string& network) {
  return IsLeaving(host, network) ? Status(Fail("find network", ENOENT, network)) : Status{};
}

// Or is just going: whatever then failed has failed for that.
bool IsGone(const Host& host, const std::string& network) {
  const auto record = ReadNetworkRecord(host, network);
  return IsLeaving(host, network) || (!record.ok() && record.failure().error == ENOENT);
}

// In a child: a socket of its own, in the namespace of the networks.
Status DeleteLinksHere(int where, const std::vector<std::string>& names) {
  if (where >= 0 && ::setns(where, CLONE_NEWNET) != 0) return Errno("join network namespace");
  auto socket = TSC_TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  for (const auto& name : names) (void)socket.SendTolerating(ENODEV, DeleteLink(name)).ok();
  return {};
}

// Names below the network's own too: two networks may have a container of one name.
std::vector<std::string> NamesOf(const std::vector<std::string>& own, const NetworkPlace& place) {
  std::vector<std::string> names = own;
  names.insert(names.end(), place.aliases.begin(), place.aliases.end());
  if (place.domain.empty()) return names;
  const std::size_t count = names.size();
  for (std::size_t i = 0; i < count; ++i) names.push_back(names[i] + "." + place.domain);
  return names;
}

}  // namespace

Result<Endpoint> Networks::PlanPlace(const Wanted& wanted, NetworkPlace* place, const NetworkDefinition& network) {
  TSC_TRY(CheckAddresses(network, *place));
  const Host& host = network_.host();
  Endpoint endpoint{wanted.container, place->network, place->interface, network.macvlan(), {}, NamesOf(wanted.names, *place), {}, {}};
  endpoint.rules.bridge = network.bridge;
  endpoint.rules.port = NewPortName();
  endpoint.rules.receives = false;
  const AddressOwner owner{endpoint.rules.port, wanted.container};
  const auto give_back = [&](const Failure& failure) {
    for (const auto& address : endpoint.rules.addresses) ReleaseAddress(host, network.id, address, endpoint.rules.port);
    return failure;
  };
  for (const auto& address : place->addresses) {
    if (const auto claimed = ClaimAddress(host, network.id, address, owner); !claimed.ok()) return give_back(claimed.failure());
    endpoint.rules.addresses.push_back(address);
  }
  for (const auto& gateway : network.gateways) {
    const auto& had = endpoint.rules.addresses;
    if (std::any_of(had.begin(), had.end(), [&](const IpAddress& address) { return gateway.Contains(address); })) continue;
    const auto claimed = ClaimFreeAddress(host, network.id, {gateway, network.RangeOf(gateway)}, owner);
    if (!claimed.ok()) return give_back(claimed.failure());
    endpoint.rules.addresses.push_back(*claimed);
  }
  place->addresses = endpoint.rules.addresses;
  endpoint.rules.mac = place->mac.value_or(MacAddressFor(place->addresses[0]));
  return endpoint;
}

// A monitor has what its container needs by itself, should it outlive the supervisor.
void Networks::LeadOut(const std::vector<NetworkDefinition>& networks) {
  const bool out = std::any_of(networks.begin(), networks.end(), [](const NetworkDefinition& network) { return !network.internal; });
  if (network_.own() && out) way_out_.Open(network_.where(), [] {});
}

// A monitor may be the first to need it: after a boot, or when the supervisor that had made it has gone with all that was in it.
Result<NetworkDefinition> Networks::FindNetwork(const std::string& id) {
  TSC_TRY(CheckStays(network_.host(), id));
  auto known = ReadNetworkRecord(network_.host(), id);
  if (known.ok() && (!network_.fresh() || known->macvlan() || made_.contains(id))) return known;
  if (!known.ok() && known.failure().error != ENOENT) return known;
  const auto definition = known.ok() ? std::optional(*known) : FindStoredNetwork(network_.host(), id);
  if (!definition) return known;
  TSC_TRY(Establish(*definition));
  return *definition;
}

// What is planned has its addresses; what is made has a record, and goes by Disconnect.
Status Networks::MakePlaces(const Wanted& wanted, std::vector<NetworkPlace>* places, std::vector<Endpoint>* endpoints, std::size_t* made) {
  std::vector<NetworkDefinition> networks;
  TSC_TRY(network_.Open());
  for (auto& place : *places) {
    networks.push_back(TSC_TRY(FindNetwork(place.network)));
    endpoints->push_back(TSC_TRY(PlanPlace(wanted, &place, networks.back())));
  }
  TSC_TRY(PlanPorts(wanted, *places, networks, endpoints));
  LeadOut(networks);
  for (std::size_t i = 0; i < networks.size(); ++i) TSC_TRY(PlanEgress(wanted.egress, networks[i], &(*endpoints)[i]));
  for (; *made < endpoints->size(); ++*made)
    TSC_TRY(MakeEndpoint(&network_, networks[*made], (*places)[*made], wanted.pidfd, (*endpoints)[*made]));
  for (const auto& endpoint : *endpoints) TSC_TRY(Forward(wanted.pidfd, endpoint));
  for (const auto& network : networks) TSC_TRY(CheckStays(network_.host(), network.id));
  return {};
}

Result<std::vector<Endpoint>> Networks::Connect(const Wanted& wanted) {
  if (wanted.places->empty() && (!wanted.ports || wanted.ports->empty())) return std::vector<Endpoint>();
  auto places = *wanted.places;
  std::vector<Endpoint> endpoints;
  std::size_t made = 0;
  const auto status = MakePlaces(wanted, &places, &endpoints, &made);
  if (status.ok()) {
    endpoints_.Refresh();
    return endpoints;
  }
  for (std::size_t i = made; i < endpoints.size(); ++i)
    for (const auto& address : endpoints[i].rules.addresses)
      ReleaseAddress(network_.host(), endpoints[i].network, address, endpoints[i].rules.port);
  endpoints.resize(made);
  Disconnect(&endpoints);
  if (network_.opened()) SweepLater();
  for (const auto& place : places)
    if (IsGone(network_.host(), place.network)) return Fail("find network", ENOENT, place.network);
  return status.failure();
}

void Networks::Disconnect(std::vector<Endpoint>* endpoints) {
  if (endpoints->empty()) return;
  for (const auto& endpoint : *endpoints) {
    ports_.Close(endpoint.rules.port);
    CloseEndpoint(&network_, endpoint.rules.port, ElementsOf(endpoint.rules));
  }
  endpoints->clear();
  endpoints_.Refresh();
  SweepLater();
}

void Networks::Name(const EndpointRecord& endpoint) {
  names_.Name({endpoint.network, endpoint.container, endpoint.names, endpoint.rules.addresses});
}

Status Networks::Rename(Endpoint* endpoint, const std::vector<std::string>& names, const NetworkPlace& place) {
  EndpointRecord record{endpoint->container, endpoint->network, endpoint->rules, NamesOf(names, place)};
  TSC_TRY(WriteEndpointRecord(network_.host(), record));
  endpoint->names = record.names;
  Name(record);
  return {};
}

Status Networks::ServeNames(const std::string& container, int pidfd, const dns::Client& client) {
  TSC_TRY(endpoints_.Start());
  auto sockets = TSC_TRY(OpenResolverInside(pidfd));
  names_.Serve(container, client, std::move(sockets.udp), std::move(sockets.tcp));
  return {};
}

void Networks::Disconnect(const Endpoint& endpoint, int pidfd, const Reply& reply) {
  ports_.Close(endpoint.rules.port);
  CloseEndpoint(&network_, endpoint.rules.port, ElementsOf(endpoint.rules));
  endpoints_.Refresh();
  const auto gone = [reply] { reply.Ok(); };
  if (!endpoint.macvlan) return DeleteLinks(network_.where(), {endpoint.rules.port}, gone);
  DeleteLinks(pidfd, {endpoint.interface}, gone);
}

void Networks::DisconnectLeft(const std::string& container) {
  const auto endpoints = ReadEndpointRecords(network_.host());
  if (!endpoints.ok()) return;
  for (const auto& endpoint : *endpoints) {
    if (endpoint.container != container || !network_.Open().ok()) continue;
    CloseEndpoint(&network_, endpoint.rules.port, ElementsOf(endpoint.rules));
    SweepLater();
  }
  SweepAddressesOf(network_.host(), container);
  if (network_.own()) SweepHolders(network_.host().run_dir.get());
  (void)WriteEgressRecord(network_.host(), container, {}).ok();
}

void Networks::DeleteLinks(int where, std::vector<std::string> names, const std::function<void()>& then) {
  const auto work = [where, names = std::move(names)](const auto&) -> Result<Json> {
    TSC_TRY(DeleteLinksHere(where, names));
    return Json::object();
  };
  std::vector<int> keep;
  if (where >= 0) keep.push_back(where);
  const auto started = background_->Run(keep, work, [then](const Result<Json>&) { then(); });
  if (!started.ok()) then();
}

void Networks::Leave() { network_.Close(); }

void Networks::EndHelpers() {
  names_.Close();
  egress_.Close();
  ports_.Close();
  way_out_.Close();
  watch_.Close();
}

}  // namespace tsc
