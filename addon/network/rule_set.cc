// SPDX-License-Identifier: Apache-2.0
#include "network/rule_set.h"

#include <arpa/inet.h>

#include <iterator>
#include <set>

namespace tsc {
namespace {

std::string_view View(const MacAddress& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

std::string PortBytes(std::uint16_t port) {
  const std::uint16_t number = ::htons(port);
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

const char* ProtocolName(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp" : protocol == IPPROTO_SCTP ? "sctp" : "?";
}

NftElement SourceElement(const std::string& port, const IpAddress& address) {
  const char* set = address.family == AF_INET ? "sources4" : "sources6";
  return {NFPROTO_BRIDGE, set, NftConcat({NftLinkName(port), address.view()}), {}, Text(address)};
}

NftElement PortElement(const PublishedPort& port) {
  const std::string protocol(1, static_cast<char>(port.protocol));
  const bool everywhere = port.host.any();
  const std::string where =
      everywhere ? NftConcat({protocol, PortBytes(port.host_port)}) : NftConcat({port.host.view(), protocol, PortBytes(port.host_port)});
  const std::string set = std::string(everywhere ? "everywhere" : "published") + (port.host.family == AF_INET ? "4" : "6");
  return {NFPROTO_INET, set, where, NftConcat({port.container.view(), PortBytes(port.container_port)}),
          Text(port.host) + " " + std::to_string(port.host_port) + "/" + ProtocolName(port.protocol)};
}

void Append(std::vector<NetlinkMessage>* to, std::vector<NetlinkMessage> messages) {
  std::move(messages.begin(), messages.end(), std::back_inserter(*to));
}

std::vector<NftTable> Tables(const std::string& name) { return {{NFPROTO_INET, name}, {NFPROTO_BRIDGE, name}}; }

}  // namespace

std::vector<NftElement> ElementsOf(const RuleNetwork& network) {
  const std::string name = NftLinkName(network.bridge);
  std::vector<NftElement> elements;
  if (!network.internal) elements.push_back({NFPROTO_INET, "outward", name, {}, network.bridge});
  if (!network.isolated) elements.push_back({NFPROTO_INET, "within", NftConcat({name, name}), {}, network.bridge});
  return elements;
}

std::vector<NftElement> ElementsOf(const RuleEndpoint& endpoint) {
  std::vector<NftElement> elements{
      {NFPROTO_BRIDGE, "senders", NftConcat({NftLinkName(endpoint.port), View(endpoint.mac)}), {}, Text(endpoint.addresses.at(0))}};
  bool six = false;
  for (const auto& address : endpoint.addresses) {
    elements.push_back(SourceElement(endpoint.port, address));
    const char* members = address.family == AF_INET ? "members4" : "members6";
    elements.push_back({NFPROTO_INET, members, NftConcat({NftLinkName(endpoint.bridge), address.view()}), {}, Text(address)});
    six = six || address.family == AF_INET6;
  }
  if (six) elements.push_back(SourceElement(endpoint.port, LinkLocalAddressOf(endpoint.mac)));
  for (const auto& port : endpoint.published)
    if (port.share.empty()) elements.push_back(PortElement(port));
  for (auto& element : EgressElementsOf(endpoint)) elements.push_back(std::move(element));
  return elements;
}

std::vector<NftElement> ElementsBetween(const RuleEndpoint& one, const RuleEndpoint& other) {
  std::vector<NftElement> elements;
  for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    elements.push_back({NFPROTO_BRIDGE, "severed", NftConcat({NftLinkName(from->port), NftLinkName(to->port)}), {}, from->port, true});
    for (const auto& source : from->addresses) {
      for (const auto& destination : to->addresses) {
        if (source.family != destination.family) continue;
        const char* set = source.family == AF_INET ? "severed4" : "severed6";
        elements.push_back({NFPROTO_INET, set, NftConcat({source.view(), destination.view()}), {}, Text(source), true});
      }
    }
  }
  return elements;
}

NftElement UplinkElement(const std::string& link) { return {NFPROTO_INET, "uplinks", NftLinkName(link), {}, link}; }

std::vector<NetlinkMessage> WholeRuleSet(const RuleSet& rules) {
  std::vector<NetlinkMessage> messages;
  for (const auto& table : Tables(rules.table)) {
    // Made if it is not there, so that there is one to be deleted.
    messages.push_back(NewTable(table));
    messages.push_back(DeleteTable(table));
    messages.push_back(NewTable(table));
  }
  Append(&messages, RoutingChains(rules.table, rules.group));
  Append(&messages, BridgeChains(rules.table, rules.group));
  std::set<std::uint16_t> listeners;
  for (const auto& endpoint : rules.endpoints)
    if (endpoint.egress) listeners.insert(endpoint.egress->listener);
  if (!listeners.empty()) Append(&messages, EgressChains(rules.table, rules.group));
  const auto shared = SharedPorts(rules.endpoints);
  if (!shared.empty()) Append(&messages, SharedPortChains(rules.table));
  for (const auto listener : listeners) Append(&messages, EgressListener(rules.table, listener));
  const auto add = [&](const std::vector<NftElement>& elements) {
    for (const auto& element : elements) messages.push_back(NewElement(rules.table, element));
  };
  for (const auto& network : rules.networks) add(ElementsOf(network));
  for (const auto& endpoint : rules.endpoints) add(ElementsOf(endpoint));
  for (const auto& port : shared) add(SlotElements(rules.endpoints, port));
  add(rules.severed);
  for (const auto& link : rules.uplinks) add({UplinkElement(link)});
  if (!listeners.empty()) add(rules.learned);
  return NftTransaction(std::move(messages));
}

std::vector<NetlinkMessage> WithoutRuleSet(const std::string& name) {
  std::vector<NetlinkMessage> messages;
  for (const auto& table : Tables(name)) {
    messages.push_back(NewTable(table));
    messages.push_back(DeleteTable(table));
  }
  return NftTransaction(std::move(messages));
}

std::vector<NetlinkMessage> AddElements(const std::string& table, const std::vector<NftElement>& elements) {
  std::vector<NetlinkMessage> messages;
  for (const auto& element : elements) messages.push_back(NewElement(table, element));
  return NftTransaction(std::move(messages));
}

std::vector<NetlinkMessage> RemoveElements(const std::string& table, const std::vector<NftElement>& elements) {
  std::vector<NetlinkMessage> messages;
  for (const auto& element : elements) messages.push_back(DeleteElement(table, element));
  return NftTransaction(std::move(messages));
}

std::vector<NetlinkMessage> ChangeElements(const std::string& table, const std::vector<NftElement>& gone,
                                           const std::vector<NftElement>& come) {
  std::vector<NetlinkMessage> messages;
  for (const auto& element : gone) messages.push_back(DeleteElement(table, element));
  for (const auto& element : come) messages.push_back(NewElement(table, element));
  return NftTransaction(std::move(messages));
}

// Kernels before 6.12 do not change the time of one that is there, and none removes what is not.
std::vector<NetlinkMessage> RenewElements(const std::string& table, const std::vector<NftElement>& elements,
                                          const std::vector<NftElement>& lasting) {
  std::vector<NetlinkMessage> messages;
  for (const auto& element : lasting) messages.push_back(KeepElement(table, element));
  for (const auto& element : elements) {
    messages.push_back(KeepElement(table, element));
    messages.push_back(DeleteElement(table, element));
    messages.push_back(NewElement(table, element));
  }
  return NftTransaction(std::move(messages));
}

}  // namespace tsc
