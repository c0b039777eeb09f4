// SPDX-License-Identifier: Apache-2.0
#include "supervisor/endpoint.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "network/addresses.h"
#include "supervisor/network_addresses.h"
#include "supervisor/network_records.h"
#include "supervisor/partitions.h"
#include "supervisor/port_shares.h"

namespace tsc {
namespace {

// The links that are made next are as these say. Somebody is asked whether an address is free, or for the way out, only by mistake: both
// are known. Its ports are the container's own affair.
std::vector<NetworkSysctl> InsideSysctls(const NetworkHost& host, bool ipv6) {
  const Host& engine = host.host();
  const std::uint64_t first = engine.container_root();
  const std::uint64_t last = engine.user_namespaces ? first + engine.options.mapped_ids - 1 : 2'147'483'647;
  return {{"ipv6/conf/default/disable_ipv6", ipv6 ? "0" : "1"},
          {"ipv6/conf/default/accept_ra", "0"},
          {"ipv6/conf/default/accept_dad", "0"},
          {"ipv4/ip_unprivileged_port_start", "0"},
          {"ipv4/ping_group_range", std::to_string(first) + " " + std::to_string(last)}};
}

// Asking for a link makes the kernel notice at once that it has a carrier now; else its first packets may be lost.
Result<int> IndexOf(NetlinkSocket* socket, const std::string& name) {
  const auto link = TSC_TRY(FindLink(socket, name));
  if (!link) return Fail("find link", ENODEV, name);
  return link->index;
}

Status SetInside(NetlinkSocket* inside, const NetworkDefinition& network, const NetworkPlace& place) {
  const int link = TSC_TRY(IndexOf(inside, place.interface));
  TSC_TRY(inside->Send(LinkUp(link)));
  TSC_TRY(IndexOf(inside, place.interface));
  std::vector<NetlinkMessage> messages;
  for (const auto& address : place.addresses) messages.push_back(NewAddress(link, {address, network.SubnetOf(address)->length}));
  for (const auto& gateway : network.gateways) {
    const bool reached =
        std::any_of(place.addresses.begin(), place.addresses.end(), [&](const auto& address) { return gateway.Contains(address); });
    if (place.default_route && reached) messages.push_back(NewDefaultRoute(link, gateway.address));
  }
  return inside->Send(std::move(messages));
}

Status MakeMacvlan(NetworkHost* host, const NetworkDefinition& network, const NetworkPlace& place, int pidfd, const MacAddress& mac) {
  auto entered = TSC_TRY(EnterNetwork(pidfd, InsideSysctls(*host, network.ipv6)));
  auto inside = TSC_TRY(NetlinkSocket::Take(std::move(entered.netlink)));
  const auto parent = TSC_TRY(FindLink(host->links(), network.parent));
  if (!parent) return Fail("find parent", ENODEV, network.parent);
  TSC_TRY(
      host->links()->Send(NewMacvlan({parent->index, entered.network_namespace.get(), place.interface, mac, network.mtu, network.mode})));
  return SetInside(&inside, network, place);
}

Status MakeLink(NetworkHost* host, const NetworkDefinition& network, const NetworkPlace& place, int pidfd, const RuleEndpoint& rules) {
  auto entered = TSC_TRY(EnterNetwork(pidfd, InsideSysctls(*host, network.ipv6)));
  auto inside = TSC_TRY(NetlinkSocket::Take(std::move(entered.netlink)));
  NetlinkSocket* links = host->links();
  const int bridge = TSC_TRY(IndexOf(links, network.bridge));
  TSC_TRY(links->Send(
      NewVeth({rules.port, host->group(), bridge, entered.network_namespace.get(), place.interface, rules.mac, host->MtuOf(network)})));
  const int port = TSC_TRY(IndexOf(links, rules.port));
  std::vector<NetlinkMessage> messages;
  messages.push_back(PinAddress(port, rules.mac));
  if (network.isolated || !rules.published.empty()) messages.push_back(SetPort(port, {network.isolated, !rules.published.empty()}));
  TSC_TRY(links->Send(std::move(messages)));
  TSC_TRY(SetInside(&inside, network, place));
  TSC_TRY(IndexOf(links, rules.port));
  return {};
}

// The host's own packets from 127.0.0.1 may cross the bridge: after the rule that drops whatever else does so from there.
Status LetLoopbackPass(NetworkHost* host, const RuleEndpoint& rules) {
  const bool wanted = std::any_of(rules.published.begin(), rules.published.end(), [](const PublishedPort& port) {
    return port.host.family == AF_INET && (port.host.loopback() || port.host.any());
  });
  return wanted ? host->SetSysctls({{"ipv4/conf/" + rules.bridge + "/route_localnet", "1"}}) : Status{};
}

}  // namespace

std::string NewPortName() {
  unsigned char bytes[6] = {};
  (void)!::getrandom(bytes, sizeof bytes, 0);
  char name[16];
  std::snprintf(name, sizeof name, "tv%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
  return name;
}

Status MakeEndpoint(NetworkHost* host, const NetworkDefinition& network, const NetworkPlace& place, int pidfd, const Endpoint& endpoint) {
  const RuleEndpoint& rules = endpoint.rules;
  auto elements = endpoint.macvlan ? std::vector<NftElement>() : ElementsOf(rules);
  bool there = false;
  const auto add = [&]() -> Status {
    TSC_TRY(WriteEndpointRecord(host->host(), {endpoint.container, endpoint.network, rules, endpoint.names}));
    TSC_TRY(KeepAddresses(host->host(), endpoint.network, rules.addresses, rules.port));
    if (!endpoint.macvlan) {
      auto apart = ElementsApart(host->host(), endpoint.container, endpoint.network, rules);
      std::move(apart.begin(), apart.end(), std::back_inserter(elements));
    }
    TSC_TRY(host->AddRules(elements));
    there = true;
    return {};
  };
  if (auto added = ChangeShares(host, rules.published, add); !added.ok()) {
    if (there) CloseEndpoint(host, rules.port, elements);
    RemoveEndpointRecord(host->host(), rules.port);
    return added;
  }
  auto made = LetLoopbackPass(host, rules);
  if (made.ok() && endpoint.macvlan) made = MakeMacvlan(host, network, place, pidfd, rules.mac);
  if (made.ok() && !endpoint.macvlan) made = MakeLink(host, network, place, pidfd, rules);
  if (!made.ok()) CloseEndpoint(host, rules.port, elements);
  return made;
}

void CloseEndpoint(NetworkHost* host, const std::string& port, const std::vector<NftElement>& elements) {
  auto all = elements;
  const auto read = ReadEndpointRecord(host->host(), port);
  const auto record = read.ok() ? *read : std::nullopt;
  if (record) {
    auto apart = ElementsApart(host->host(), record->container, record->network, record->rules);
    std::move(apart.begin(), apart.end(), std::back_inserter(all));
  }
  const auto remove = [&]() -> Status {
    (void)host->RemoveRules(all).ok();
    RemoveEndpointRecord(host->host(), port);
    return {};
  };
  (void)ChangeShares(host, record ? record->rules.published : std::vector<PublishedPort>(), remove).ok();
}

}  // namespace tsc
