// SPDX-License-Identifier: Apache-2.0
#include "network/nft_rule.h"
#include "network/rule_set.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <cstddef>

// What is routed: between networks, out, in, and to the host itself.
namespace tsc {
namespace {

constexpr std::uint32_t kProtocol = 12, kPort = 13, kIpv4 = 7, kIpv6 = 8, kName = 41;  // types of nft(8)
constexpr std::uint32_t kFollowing = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
constexpr int kDestination4 = 16, kSource4 = 12, kDestination6 = 24, kSource6 = 8;  // offsets in the IP headers

constexpr std::uint32_t Types(std::uint32_t first, std::uint32_t second) { return first << 6 | second; }

class Chains {
 public:
  Chains(const std::string& table, std::uint32_t group) : table_{NFPROTO_INET, table}, group_(NftNumber(group)) {}

  std::vector<NetlinkMessage> All() && {
    Sets();
    Raw();
    Forward();
    Input();
    Published();
    Postrouting();
    return std::move(messages_);
  }

 private:
  NftRule Rule(const char* chain) const { return {table_, chain}; }
  NftRule&& FromOurs(NftRule&& rule) const { return std::move(rule).Meta(NFT_META_IIFGROUP).Equals(group_); }
  NftRule&& ToOurs(NftRule&& rule) const { return std::move(rule).Meta(NFT_META_OIFGROUP).Equals(group_); }
  static NftRule&& Ipv4(NftRule&& rule) { return std::move(rule).Meta(NFT_META_NFPROTO).Equals(NftByte(NFPROTO_IPV4)); }
  static NftRule&& Ipv6(NftRule&& rule) { return std::move(rule).Meta(NFT_META_NFPROTO).Equals(NftByte(NFPROTO_IPV6)); }
  static NftRule&& Loopback4(NftRule&& rule, int offset) {
    return Ipv4(std::move(rule)).Payload(NFT_PAYLOAD_NETWORK_HEADER, static_cast<std::uint32_t>(offset), 1).Equals(NftByte(127));
  }
  static NftRule&& Following(NftRule&& rule) { return std::move(rule).Ct(NFT_CT_STATE).HasAnyOf(kFollowing); }
  static NftRule&& Translated(NftRule&& rule) { return std::move(rule).Ct(NFT_CT_STATUS).HasAnyOf(IPS_DST_NAT); }

  void Add(NetlinkMessage message) { messages_.push_back(std::move(message)); }
  void Base(const char* name, const char* type, std::uint32_t hook, std::int32_t priority) {
    Add(NewBaseChain(table_, name, {type, hook, priority}));
  }

  void Sets() {
    const NftSet sets[] = {
        {"outward", kName, 16},
        {"within", Types(kName, kName), 32},
        {"uplinks", kName, 16},
        {"severed4", Types(kIpv4, kIpv4), 8},
        {"severed6", Types(kIpv6, kIpv6), 32},
        {"members4", Types(kName, kIpv4), 20},
        {"members6", Types(kName, kIpv6), 32},
        {"published4", Types(Types(kIpv4, kProtocol), kPort), 12, Types(kIpv4, kPort), 8},
        {"published6", Types(Types(kIpv6, kProtocol), kPort), 24, Types(kIpv6, kPort), 20},
        {"everywhere4", Types(kProtocol, kPort), 8, Types(kIpv4, kPort), 8},
        {"everywhere6", Types(kProtocol, kPort), 8, Types(kIpv6, kPort), 20},
    };
    std::uint32_t id = 0;
    for (const auto& set : sets) Add(NewSet(table_, set, ++id));
  }

  // A port that is published on 127.0.0.1 lets packets with such addresses pass our bridges: never one that comes from there.
  void Raw() {
    Base("early", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW);
    Add(Loopback4(FromOurs(Rule("early")), kDestination4).Drop());
    Add(Loopback4(FromOurs(Rule("early")), kSource4).Drop());
  }

  void Forward() {
    Add(NewChain(table_, "leaving"));
    Add(NewChain(table_, "entering"));
    Base("forward", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER);
    // The destination comes right after the source.
    Add(Ipv4(Rule("forward")).Payload(NFT_PAYLOAD_NETWORK_HEADER, kSource4, 8).In("severed4").Drop());
    Add(Ipv6(Rule("forward")).Payload(NFT_PAYLOAD_NETWORK_HEADER, kSource6, 32).In("severed6").Drop());
    Add(FromOurs(Rule("forward")).Jump("leaving"));
    Add(ToOurs(Rule("forward")).Jump("entering"));
    Add(Rule("forward").Meta(NFT_META_IIFNAME).In("uplinks").Meta(NFT_META_OIFNAME).In("uplinks").Drop());

    Add(Following(Rule("leaving")).Accept());
    Add(Rule("leaving").Meta(NFT_META_IIFNAME).Meta(NFT_META_OIFNAME, 4).In("within").Accept());
    // Link-local addresses are not routed (RFC 3927, 2.7). Where the host's cloud answers on one, it would take a container for the host.
    const std::string link_local = "\xa9\xfe";
    Add(Ipv4(Rule("leaving")).Payload(NFT_PAYLOAD_NETWORK_HEADER, kDestination4, 2).Equals(link_local).Drop());
    Add(ToOurs(Rule("leaving")).Drop());
    Add(Rule("leaving").Meta(NFT_META_IIFNAME).In("outward").Accept());
    Add(Rule("leaving").Drop());

    Add(Following(Rule("entering")).Accept());
    Add(Translated(Rule("entering")).Accept());
    Add(Rule("entering").Drop());
  }

  // The host itself is reached at its gateway addresses, except from networks that are internal.
  void Input() {
    Add(NewChain(table_, "host"));
    Base("input", "filter", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER);
    Add(FromOurs(Rule("input")).Jump("host"));
    Add(Following(Rule("host")).Accept());
    Add(Rule("host").Meta(NFT_META_IIFNAME).In("outward").Accept());
    for (const int protocol : {int{IPPROTO_ICMP}, int{IPPROTO_ICMPV6}}) {
      Add(Rule("host").Meta(NFT_META_L4PROTO).Equals(NftByte(static_cast<std::uint8_t>(protocol))).Accept());
    }
    Add(Rule("host").Drop());
  }

  void PublishedOf(std::uint8_t family, std::uint32_t offset, std::uint32_t size) {
    const bool four = family == NFPROTO_IPV4;
    const int after = static_cast<int>(size / 4);
    const auto of_family = [&] { return four ? Ipv4(Rule("published")) : Ipv6(Rule("published")); };
    Add(of_family()
            .Payload(NFT_PAYLOAD_NETWORK_HEADER, offset, size)
            .Meta(NFT_META_L4PROTO, after)
            .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, after + 1)
            .Find(four ? "published4" : "published6")
            .Dnat(family));
    Add(of_family()
            .AddressType()
            .Equals(NftNumber(RTN_LOCAL))
            .Meta(NFT_META_L4PROTO)
            .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 1)
            .Find(four ? "everywhere4" : "everywhere6")
            .Dnat(family));
  }

  // A neighbour that routes to 127.0.0.1 through us would be translated before the kernel saw that this address is not for it. ::1 cannot
  // leave the loopback link at all.
  void Published() {
    Add(NewChain(table_, "published"));
    PublishedOf(NFPROTO_IPV4, kDestination4, 4);
    PublishedOf(NFPROTO_IPV6, kDestination6, 16);
    Base("prerouting", "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST);
    Add(Loopback4(Rule("prerouting"), kDestination4).Return());
    Add(Rule("prerouting").Jump("published"));
    Base("output", "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST);
    const std::string one = std::string(15, '\0') + '\1';
    Add(Ipv6(Rule("output")).Payload(NFT_PAYLOAD_NETWORK_HEADER, kDestination6, 16).Equals(one).Return());
    Add(Rule("output").Jump("published"));
  }

  // By its source: where the kernel shows bridged packets to these chains (br_netfilter), it also bridges what was translated, and then
  // this one has come from no link.
  NftRule RoundAbout(bool four) const {
    auto rule = Translated(four ? Ipv4(Rule("postrouting")) : Ipv6(Rule("postrouting")));
    const std::uint32_t offset = four ? kSource4 : kSource6;
    return std::move(rule)
        .Meta(NFT_META_OIFNAME)
        .Payload(NFT_PAYLOAD_NETWORK_HEADER, offset, four ? 4 : 16, 4)
        .In(four ? "members4" : "members6");
  }

  // Whoever leaves does so as the host. The host itself on 127.0.0.1, and a container that takes the way round by the host's address, are
  // seen as the gateway: the answer has to come back this way.
  void Postrouting() {
    Base("postrouting", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC);
    Add(FromOurs(Rule("postrouting")).Meta(NFT_META_OIFGROUP).Differs(group_).Masquerade());
    for (const bool four : {true, false}) Add(RoundAbout(four).Masquerade());
    Add(Loopback4(ToOurs(Rule("postrouting")), kSource4).Masquerade());
  }

  NftTable table_;
  std::string group_;
  std::vector<NetlinkMessage> messages_;
};

}  // namespace

std::vector<NetlinkMessage> RoutingChains(const std::string& table, std::uint32_t group) { return Chains(table, group).All(); }

}  // namespace tsc
