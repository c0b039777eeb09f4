// SPDX-License-Identifier: Apache-2.0
#include "supervisor/egress.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>
#include <set>

#include "supervisor/egress_records.h"
#include "supervisor/network_records.h"

namespace tsc {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t kLongestTold = 300;    // seconds that a container may keep an answer
constexpr seconds kShortest(240), kGrace(60);  // an address stays open for some time more
constexpr std::size_t kMostLearned = 4096, kMostNames = 16;

std::set<std::string> AddressesOfHost() {
  std::set<std::string> own;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return own;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, &::freeifaddrs);
  for (const ifaddrs* at = first; at; at = at->ifa_next) {
    if (!at->ifa_addr) continue;
    if (at->ifa_addr->sa_family == AF_INET)
      own.emplace(reinterpret_cast<const char*>(&reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr), 4);
    if (at->ifa_addr->sa_family == AF_INET6)
      own.emplace(reinterpret_cast<const char*>(&reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr), 16);
  }
  return own;
}

bool IsOurs(const Host& host, const IpAddress& address) {
  const auto networks = ReadNetworkRecords(host);
  // One that may be ours is none to be let out to.
  if (!networks.ok()) return true;
  return std::any_of(networks->begin(), networks->end(), [&](const auto& network) { return network.SubnetOf(address) != nullptr; });
}

bool Has(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool IsCovered(const std::vector<Egress::Place>& places, const IpAddress& address) {
  return std::any_of(places.begin(), places.end(), [&](const Egress::Place& place) { return place.policy.Covers(address); });
}

std::vector<EgressFlow> FlowsTo(const std::vector<Egress::Place>& places, const std::string& name, const IpAddress& address) {
  std::vector<EgressFlow> flows;
  for (const auto& place : places)
    for (const auto& source : place.addresses)
      for (const auto& port : place.policy.PortsOf(name))
        if (source.family == address.family) flows.push_back({source, port, address});
  return flows;
}

}  // namespace

Egress::Egress(EventLoop* loop, NetworkHost* network)
    : network_(network), log_(loop, [this](const RefusedPacket& packet) { OnPacket(packet); }) {}

Result<std::uint16_t> Egress::Listen() {
  const auto group = TSC_TRY(log_.Open(*network_));
  TSC_TRY(network_->AddListener(group));
  return group;
}

bool Egress::Holds(const Client& client, const Learned& learned) {
  return std::any_of(client.places.begin(), client.places.end(), [&](const Place& place) {
    if (!Has(place.addresses, learned.flow.container)) return false;
    return std::any_of(learned.names.begin(), learned.names.end(), [&](const std::string& name) {
      const auto ports = place.policy.PortsOf(name);
      return std::find(ports.begin(), ports.end(), learned.flow.port) != ports.end();
    });
  });
}

Status Egress::Police(const std::string& container, std::vector<Place> places) {
  auto& client = clients_[container];
  client.places = std::move(places);
  auto closed = Forget(container, &client, [&](const Learned& learned) { return !Holds(client, learned); });
  if (client.places.empty()) clients_.erase(container);
  return closed;
}

void Egress::Leave(const std::string& container) {
  const auto found = clients_.find(container);
  if (found == clients_.end()) return;
  (void)Forget(container, &found->second, [](const Learned&) { return true; }).ok();
  clients_.erase(found);
}

Status Egress::Forget(const std::string& container, Client* client, const std::function<bool(const Learned& learned)>& which) {
  std::vector<NftElement> gone;
  for (const auto& learned : client->learned) {
    if (!which(learned)) continue;
    gone.push_back(NameElement(learned.flow, 0));
    gone.push_back(KnownElement(learned.flow));
  }
  if (gone.empty()) return {};
  std::erase_if(client->learned, which);
  TSC_TRY(Write(container, *client));
  return network_->RemoveRules(gone);
}

bool Egress::Learn(Client* client, const EgressFlow& flow, const std::string& name, seconds time) {
  const auto now = Clock::now();
  auto found = std::find_if(client->learned.begin(), client->learned.end(), [&](const Learned& learned) { return learned.flow == flow; });
  if (found == client->learned.end()) {
    client->learned.push_back({flow, {name}, now + time + kGrace});
    return true;
  }
  if (auto& names = found->names; std::find(names.begin(), names.end(), name) == names.end()) {
    if (names.size() >= kMostNames) names.erase(names.begin());
    names.push_back(name);
  }
  if (found->until >= now + time) return false;
  found->until = now + time + kGrace;
  return true;
}

std::vector<dns::Resolved> Egress::Open(const std::string& container, const std::string& name, const std::vector<dns::Resolved>& found) {
  const auto it = clients_.find(container);
  if (it == clients_.end()) return {};
  auto& client = it->second;
  const bool named = std::any_of(client.places.begin(), client.places.end(), [&](const Place& place) { return place.policy.Names(name); });
  if (!named) return {};
  const auto own = AddressesOfHost();
  std::vector<dns::Resolved> opened;
  std::vector<EgressFlow> fresh;
  std::vector<NftElement> names, known;
  for (const auto& [address, ttl] : found) {
    const bool inward = IsInward(address) || own.contains(std::string(address.view())) || IsOurs(network_->host(), address);
    // Nothing that is inside, and nothing that is ours, unless somebody has said so; then that entry says how far it is open.
    if (inward && !IsCovered(client.places, address)) continue;
    const std::uint32_t told = std::min(ttl, kLongestTold);
    opened.push_back({address, told});
    if (inward) continue;
    const seconds time = std::max(seconds(told), kShortest) + kGrace;
    for (const auto& flow : FlowsTo(client.places, name, address)) {
      if (!Learn(&client, flow, name, time)) continue;
      fresh.push_back(flow);
      names.push_back(NameElement(flow, static_cast<std::uint64_t>(std::chrono::milliseconds(time + kGrace).count())));
      known.push_back(KnownElement(flow));
    }
  }
  while (client.learned.size() > kMostLearned) {
    const EgressFlow oldest = client.learned.front().flow;
    (void)Forget(container, &client, [&](const Learned& learned) { return learned.flow == oldest; }).ok();
  }
  if (!fresh.empty() && (!Write(container, client).ok() || !network_->RenewRules(names, known).ok())) {
    const auto is_fresh = [&](const Learned& learned) { return std::find(fresh.begin(), fresh.end(), learned.flow) != fresh.end(); };
    (void)Forget(container, &client, is_fresh).ok();
    return {};
  }
  if (opened.empty()) RefuseName(container, name, "udp");
  return opened;
}

Status Egress::Write(const std::string& container, const Client& client) const {
  std::vector<LearnedFlow> flows;
  for (const auto& learned : client.learned) flows.push_back({learned.flow, learned.until});
  return WriteEgressRecord(network_->host(), container, flows);
}

void Egress::RefuseName(const std::string& container, const std::string& name, const std::string& protocol) {
  if (refused_) refused_(container, {{"address", "127.0.0.11"}, {"port", 53}, {"protocol", protocol}, {"name", name}});
}

void Egress::OnPacket(const RefusedPacket& packet) {
  for (const auto& [container, client] : clients_) {
    const auto whose = [&](const Place& place) { return Has(place.addresses, packet.source) || place.link_local == packet.source; };
    if (std::none_of(client.places.begin(), client.places.end(), whose)) continue;
    Json destination{{"address", Text(packet.destination)}, {"port", packet.port}, {"protocol", ProtocolText(packet.protocol)}};
    for (const auto& learned : client.learned)
      if (learned.flow.other == packet.destination && !learned.names.empty()) destination["name"] = learned.names.back();
    const std::string id = container;  // who hears it may end it
    if (refused_) refused_(id, std::move(destination));
    return;
  }
}

}  // namespace tsc
