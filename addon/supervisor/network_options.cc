// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_options.h"

#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "supervisor/create_request.h"
#include "supervisor/egress_options.h"

namespace tsc {
namespace {

constexpr std::int64_t kSmallestMtu = 68, kSmallestMtu6 = 1280, kLargestMtu = 65'535;

struct ProtocolName {
  const char* name;
  std::uint8_t number;
};
constexpr ProtocolName kProtocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};

bool IsLinkName(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

Result<IpPrefix> ParseGateway(const Json& json) {
  const auto subnet = TSC_TRY(ParseIpPrefix(StringMember(json, "subnet")));
  const auto gateway = TSC_TRY(ParseIpAddress(StringMember(json, "gateway")));
  if (!subnet.Contains(gateway)) return Fail("parse gateway", EINVAL, Text(gateway));
  return IpPrefix{gateway, subnet.length};
}

struct ModeName {
  const char* name;
  std::uint32_t number;
};
constexpr ModeName kModes[] = {
    {"private", MACVLAN_MODE_PRIVATE}, {"vepa", MACVLAN_MODE_VEPA}, {"bridge", MACVLAN_MODE_BRIDGE}, {"passthru", MACVLAN_MODE_PASSTHRU}};

Status ParseMacvlan(const Json& json, NetworkDefinition* network) {
  if (!json.is_object()) return {};
  network->parent = StringMember(json, "parent");
  if (!IsLinkName(network->parent)) return Fail("parse parent", EINVAL, network->parent);
  const std::string name = StringMember(json, "mode", "bridge");
  const auto* mode = std::find_if(std::begin(kModes), std::end(kModes), [&](const ModeName& known) { return name == known.name; });
  if (mode == std::end(kModes)) return Fail("parse mode", EINVAL, name);
  network->mode = mode->number;
  return {};
}

Result<std::uint16_t> ParsePort(const Json& json, const char* key, std::int64_t smallest) {
  const Json& port = Member(json, key);
  const std::int64_t number = IntMember(json, key, -1);
  if (!port.is_number_integer() || number < smallest || number > 65'535) return Fail("parse port", EINVAL, port.dump());
  return static_cast<std::uint16_t>(number);
}

Result<std::uint8_t> ParseProtocol(const std::string& name) {
  for (const auto& protocol : kProtocols)
    if (name == protocol.name) return protocol.number;
  return Fail("parse port", EINVAL, name);
}

}  // namespace

const IpPrefix* NetworkDefinition::SubnetOf(const IpAddress& address) const {
  const auto it = std::find_if(gateways.begin(), gateways.end(), [&](const IpPrefix& gateway) { return gateway.Contains(address); });
  return it == gateways.end() ? nullptr : &*it;
}

IpPrefix NetworkDefinition::RangeOf(const IpPrefix& gateway) const {
  const auto it = std::find_if(ranges.begin(), ranges.end(), [&](const IpPrefix& range) { return gateway.Contains(range.address); });
  return it == ranges.end() ? gateway : *it;
}

Result<NetworkDefinition> ParseNetworkDefinition(const Json& json) {
  NetworkDefinition network;
  network.json = json;
  network.id = StringMember(json, "id");
  network.bridge = StringMember(json, "bridge");
  if (!IsId(network.id)) return Fail("parse network", EINVAL, network.id);
  if (!IsLinkName(network.bridge)) return Fail("parse bridge name", EINVAL, network.bridge);
  network.internal = BoolMember(json, "internal");
  network.ipv6 = BoolMember(json, "ipv6");
  network.isolated = BoolMember(json, "isolated");
  network.egress = TSC_TRY(ParseEgress(Member(json, "egress")));
  network.egress_version = IntMember(json, "egressVersion");
  const Json& subnets = Member(json, "subnets");
  for (const auto& subnet : subnets.is_array() ? subnets : Json::array()) {
    const auto gateway = TSC_TRY(ParseGateway(subnet));
    for (const auto& other : network.gateways)
      if (other.Overlaps(gateway)) return Fail("parse subnet", EINVAL, Text(gateway));
    if (gateway.address.family == AF_INET6 && !network.ipv6) return Fail("parse subnet", EINVAL, Text(gateway));
    network.gateways.push_back(gateway);
    const std::string range = StringMember(subnet, "range");
    if (range.empty()) continue;
    network.ranges.push_back(TSC_TRY(ParseIpPrefix(range)));
    if (!gateway.Contains(network.ranges.back().address)) return Fail("parse range", EINVAL, range);
  }
  if (network.gateways.empty()) return Fail("parse subnet", EINVAL, network.id);
  TSC_TRY(ParseMacvlan(Member(json, "macvlan"), &network));
  const std::int64_t mtu = IntMember(json, "mtu");
  if (mtu != 0 && (mtu < (network.ipv6 ? kSmallestMtu6 : kSmallestMtu) || mtu > kLargestMtu))
    return Fail("parse mtu", EINVAL, std::to_string(mtu));
  network.mtu = static_cast<std::uint32_t>(mtu);
  return network;
}

Result<NetworkPlace> ParseNetworkPlace(const Json& json, std::size_t index) {
  NetworkPlace place;
  place.network = StringMember(json, "network");
  if (!IsId(place.network)) return Fail("parse network", EINVAL, place.network);
  for (const auto& text : StringsMember(json, "addresses")) place.addresses.push_back(TSC_TRY(ParseIpAddress(text)));
  place.domain = StringMember(json, "domain");
  place.aliases = StringsMember(json, "aliases");
  if (const std::string mac = StringMember(json, "mac"); !mac.empty()) place.mac = TSC_TRY(ParseMacAddress(mac));
  place.interface = StringMember(json, "interface", "eth" + std::to_string(index));
  if (!IsLinkName(place.interface) || place.interface == "lo") return Fail("parse interface", EINVAL, place.interface);
  place.default_route = BoolMember(json, "defaultRoute");
  return place;
}

Result<std::vector<NetworkPlace>> ParseNetworkPlaces(const Json& list) {
  std::vector<NetworkPlace> places;
  std::set<std::string> networks, interfaces;
  for (const auto& json : list.is_array() ? list : Json::array()) {
    places.push_back(TSC_TRY(ParseNetworkPlace(json, places.size())));
    if (!networks.insert(places.back().network).second) return Fail("parse network", EEXIST, places.back().network);
    if (!interfaces.insert(places.back().interface).second) return Fail("parse interface", EEXIST, places.back().interface);
  }
  return places;
}

Json PlaceJson(const NetworkPlace& place) {
  Json json{
      {"network", place.network}, {"addresses", Json::array()}, {"interface", place.interface}, {"defaultRoute", place.default_route}};
  json["domain"] = place.domain;
  json["aliases"] = place.aliases;
  for (const auto& address : place.addresses) json["addresses"].push_back(Text(address));
  if (place.mac) json["mac"] = Text(*place.mac);
  return json;
}

Result<std::vector<PortRequest>> ParsePortRequests(const Json& list) {
  std::vector<PortRequest> ports;
  for (const auto& json : list.is_array() ? list : Json::array()) {
    PortRequest port;
    port.host = TSC_TRY(ParseIpAddress(StringMember(json, "hostAddress")));
    port.protocol = TSC_TRY(ParseProtocol(StringMember(json, "protocol")));
    port.host_port = TSC_TRY(ParsePort(json, "hostPort", 0));
    port.container_port = TSC_TRY(ParsePort(json, "containerPort", 1));
    port.share = StringMember(json, "shared");
    if (!port.share.empty() && port.host_port == 0) return Fail("parse port", EINVAL, port.share);
    ports.push_back(std::move(port));
  }
  return ports;
}

Json PortJson(const PortRequest& port) {
  const auto* protocol =
      std::find_if(std::begin(kProtocols), std::end(kProtocols), [&](const auto& p) { return p.number == port.protocol; });
  Json json{
      {"hostAddress", Text(port.host)}, {"protocol", protocol->name}, {"hostPort", port.host_port}, {"containerPort", port.container_port}};
  if (!port.share.empty()) json["shared"] = port.share;
  return json;
}

}  // namespace tsc
