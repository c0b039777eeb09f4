// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <map>

#include "network/nft_rule.h"
#include "network/rule_set.h"

// A port that several containers share has so many slots, each of which leads to one of them: a new connection takes one by chance. Who
// comes or goes changes slots in one transaction; what is connected already goes on as it was translated. docs/decisions/0042
namespace tsc {
namespace {

constexpr std::uint32_t kSlots = 60;                                                   // what it can be divided by is shared evenly
constexpr std::uint32_t kProtocol = 12, kPort = 13, kIpv4 = 7, kIpv6 = 8, kMark = 19;  // types of nft(8)
constexpr std::uint32_t kFirstSet = 64;                                                // the ids of sets in a transaction

constexpr std::uint32_t Types(std::uint32_t first, std::uint32_t second) { return first << 6 | second; }

std::string PortBytes(std::uint16_t port) {
  const std::uint16_t number = ::htons(port);
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

bool IsSamePort(const PublishedPort& one, const PublishedPort& other) {
  return one.host == other.host && one.protocol == other.protocol && one.host_port == other.host_port;
}

std::string KeyOf(const PublishedPort& port, std::uint32_t slot) {
  const std::string protocol(1, static_cast<char>(port.protocol));
  return port.host.any() ? NftConcat({protocol, PortBytes(port.host_port), NftNumber(slot)})
                         : NftConcat({port.host.view(), protocol, PortBytes(port.host_port), NftNumber(slot)});
}

std::vector<PublishedPort> MembersOf(const std::vector<RuleEndpoint>& endpoints, const PublishedPort& port) {
  std::vector<PublishedPort> receiving, all;
  for (const auto& endpoint : endpoints) {
    for (const auto& other : endpoint.published) {
      if (other.share.empty() || !IsSamePort(port, other)) continue;
      all.push_back(other);
      if (endpoint.receives) receiving.push_back(other);
    }
  }
  auto& members = receiving.empty() ? all : receiving;
  std::sort(members.begin(), members.end(), [](const PublishedPort& one, const PublishedPort& other) {
    return std::pair(one.container.view(), one.container_port) < std::pair(other.container.view(), other.container_port);
  });
  return std::move(members);
}

NetlinkMessage PublishedRule(const NftTable& table, bool four) {
  const std::uint8_t family = four ? NFPROTO_IPV4 : NFPROTO_IPV6;
  const std::uint32_t size = four ? 4 : 16;
  const int after = static_cast<int>(size / 4);
  return NftRule(table, "published")
      .Meta(NFT_META_NFPROTO)
      .Equals(NftByte(family))
      .Payload(NFT_PAYLOAD_NETWORK_HEADER, four ? 16 : 24, size)
      .Meta(NFT_META_L4PROTO, after)
      .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, after + 1)
      .Random(kSlots, after + 2)
      .Find(four ? "shared4" : "shared6")
      .Dnat(family);
}

NetlinkMessage EverywhereRule(const NftTable& table, bool four) {
  const std::uint8_t family = four ? NFPROTO_IPV4 : NFPROTO_IPV6;
  return NftRule(table, "published")
      .Meta(NFT_META_NFPROTO)
      .Equals(NftByte(family))
      .AddressType()
      .Equals(NftNumber(RTN_LOCAL))
      .Meta(NFT_META_L4PROTO)
      .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 1)
      .Random(kSlots, 2)
      .Find(four ? "sharedeverywhere4" : "sharedeverywhere6")
      .Dnat(family);
}

}  // namespace

std::vector<PublishedPort> SharedPorts(const std::vector<RuleEndpoint>& endpoints) {
  std::vector<PublishedPort> ports;
  for (const auto& endpoint : endpoints) {
    for (const auto& port : endpoint.published) {
      if (port.share.empty()) continue;
      if (std::none_of(ports.begin(), ports.end(), [&](const PublishedPort& other) { return IsSamePort(port, other); }))
        ports.push_back(port);
    }
  }
  return ports;
}

std::vector<NftElement> SlotElements(const std::vector<RuleEndpoint>& endpoints, const PublishedPort& port) {
  const auto members = MembersOf(endpoints, port);
  const std::string set = std::string(port.host.any() ? "sharedeverywhere" : "shared") + (port.host.family == AF_INET ? "4" : "6");
  const std::string about = Text(port.host) + " " + std::to_string(port.host_port);
  std::vector<NftElement> elements;
  for (std::uint32_t slot = 0; !members.empty() && slot < kSlots; ++slot) {
    const auto& member = members[slot % members.size()];
    elements.push_back(
        {NFPROTO_INET, set, KeyOf(port, slot), NftConcat({member.container.view(), PortBytes(member.container_port)}), about});
  }
  return elements;
}

std::vector<NetlinkMessage> SharedPortChains(const std::string& name) {
  const NftTable table{NFPROTO_INET, name};
  const NftSet sets[] = {
      {"shared4", Types(Types(Types(kIpv4, kProtocol), kPort), kMark), 16, Types(kIpv4, kPort), 8},
      {"shared6", Types(Types(Types(kIpv6, kProtocol), kPort), kMark), 28, Types(kIpv6, kPort), 20},
      {"sharedeverywhere4", Types(Types(kProtocol, kPort), kMark), 12, Types(kIpv4, kPort), 8},
      {"sharedeverywhere6", Types(Types(kProtocol, kPort), kMark), 12, Types(kIpv6, kPort), 20},
  };
  std::vector<NetlinkMessage> messages;
  std::uint32_t id = kFirstSet;
  for (const auto& set : sets) messages.push_back(NewSet(table, set, id++));
  for (const bool four : {true, false}) {
    messages.push_back(PublishedRule(table, four));
    messages.push_back(EverywhereRule(table, four));
  }
  return messages;
}

}  // namespace tsc
