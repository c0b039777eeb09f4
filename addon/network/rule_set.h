// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/egress_policy.h"
#include "network/ip_address.h"
#include "network/nft_message.h"

// What the firewall has to hold, as data; and the messages that say it to the kernel. The chains never change: a network, or a container on
// it, is a few elements of sets, so that connecting one costs the same however many there are.
namespace tsc {

struct RuleNetwork {
  std::string bridge;
  bool internal = false;  // nothing goes out, and nothing comes in
  bool isolated = false;  // its members do not reach each other
};

struct PublishedPort {
  IpAddress host;             // any() of its family: every address of the host
  std::uint8_t protocol = 6;  // IPPROTO_TCP, _UDP, _SCTP
  std::uint16_t host_port = 0;
  IpAddress container;
  std::uint16_t container_port = 0;
  std::string share = {};  // of several that have it together: what they are called
};

// What of an egress policy is known beforehand: docs/decisions/0029.
struct RuleEgress {
  std::vector<EgressRange> ranges;
  std::uint16_t listener = 0;  // the group of nfnetlink_log that refusals are told to
  bool operator==(const RuleEgress&) const = default;
};

// One link of one container on one network.
struct RuleEndpoint {
  std::string bridge, port;  // the network's, and its own one of that
  MacAddress mac{};
  std::vector<IpAddress> addresses;  // which it may use, beside its link-local one where it has IPv6
  std::vector<PublishedPort> published;
  std::optional<RuleEgress> egress = {};  // none: whatever its network may
  bool receives = true;                   // new connections of ports that it shares
};

struct RuleSet {
  std::string table;        // the same name in two families: inet and bridge
  std::uint32_t group = 0;  // of all our links
  std::vector<RuleNetwork> networks;
  std::vector<RuleEndpoint> endpoints;
  std::vector<NftElement> severed;       // ElementsBetween
  std::vector<std::string> uplinks;      // nothing is routed between these links: see docs/decisions/0023
  std::vector<NftElement> learned = {};  // of names, by egress policies
};

std::vector<NftElement> ElementsOf(const RuleNetwork& network);
std::vector<NftElement> ElementsOf(const RuleEndpoint& endpoint);
// What keeps two of one network from each other, at once, whatever they have begun: frames, and what is routed back to the same bridge.
std::vector<NftElement> ElementsBetween(const RuleEndpoint& one, const RuleEndpoint& other);
// The part of it that its egress policy is.
std::vector<NftElement> EgressElementsOf(const RuleEndpoint& endpoint);
// What a name has led to: for new connections so long, for those that there are until somebody removes it.
struct EgressFlow {
  IpAddress container;
  EgressPort port;
  IpAddress other;
  bool operator==(const EgressFlow&) const = default;
};
NftElement NameElement(const EgressFlow& flow, std::uint64_t timeout_ms);
NftElement KnownElement(const EgressFlow& flow);
NftElement UplinkElement(const std::string& link);
// The ports that are shared, each once.
std::vector<PublishedPort> SharedPorts(const std::vector<RuleEndpoint>& endpoints);
// Those to whom connections of that port are led: who receives, or all where nobody does.
std::vector<NftElement> SlotElements(const std::vector<RuleEndpoint>& endpoints, const PublishedPort& port);

// All of it, in the place of whatever was there: one transaction.
std::vector<NetlinkMessage> WholeRuleSet(const RuleSet& rules);
std::vector<NetlinkMessage> WithoutRuleSet(const std::string& table);
std::vector<NetlinkMessage> AddElements(const std::string& table, const std::vector<NftElement>& elements);
std::vector<NetlinkMessage> RemoveElements(const std::string& table, const std::vector<NftElement>& elements);
// Some go and others come, with no moment between.
std::vector<NetlinkMessage> ChangeElements(const std::string& table, const std::vector<NftElement>& gone,
                                           const std::vector<NftElement>& come);
// They are there from now on for as long as they say, whether they were there or not.
std::vector<NetlinkMessage> RenewElements(const std::string& table, const std::vector<NftElement>& elements,
                                          const std::vector<NftElement>& lasting = {});

// The chains and empty sets of the two tables: rule_chains.cc, bridge_chains.cc.
std::vector<NetlinkMessage> RoutingChains(const std::string& table, std::uint32_t group);
std::vector<NetlinkMessage> BridgeChains(const std::string& table, std::uint32_t group);
// What egress policies need, where there is one: egress_chains.cc.
std::vector<NetlinkMessage> EgressChains(const std::string& table, std::uint32_t group);
// What shared ports need, where there is one: shared_ports.cc.
std::vector<NetlinkMessage> SharedPortChains(const std::string& table);
// The chain by which one listener is told.
std::vector<NetlinkMessage> EgressListener(const std::string& table, std::uint16_t listener);

}  // namespace tsc
