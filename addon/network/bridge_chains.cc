// SPDX-License-Identifier: Apache-2.0
#include "network/nft_rule.h"
#include "network/rule_set.h"

#include <arpa/inet.h>
#include <linux/netfilter_bridge.h>
#include <net/ethernet.h>
#include <netinet/in.h>

// What passes our bridges: a port says only what its container may say. A port that nothing is known of says nothing, and so does that of a
// container that has ended: its address is free as soon as its elements are gone, though the kernel takes its time to end the link.
namespace tsc {
namespace {

constexpr std::uint32_t kName = 41, kEther = 9, kIpv4 = 7, kIpv6 = 8;  // types of nft(8)
constexpr std::int32_t kBeforeAll = -350;
constexpr std::uint32_t kAfterName = 4;  // registers that the name of a link takes
constexpr std::uint32_t kEtherSource = 6, kArpMac = 8, kArpAddress = 14, kSource4 = 12, kSource6 = 8, kNextHeader6 = 6;
constexpr std::uint8_t kRouterAdvertisement = 134, kNeighbourAdvertisement = 136;

class Guard {
 public:
  Guard(const std::string& table, std::uint32_t group) : table_{NFPROTO_BRIDGE, table}, group_(NftNumber(group)) {}

  std::vector<NetlinkMessage> All() && {
    Add(NewSet(table_, {"senders", kName << 6 | kEther, 24}, 1));
    Add(NewSet(table_, {"sources4", kName << 6 | kIpv4, 20}, 2));
    Add(NewSet(table_, {"sources6", kName << 6 | kIpv6, 32}, 3));
    Add(NewSet(table_, {"severed", kName << 6 | kName, 32}, 4));
    Add(NewChain(table_, "guard"));
    Add(NewChain(table_, "guard6"));
    Add(NewBaseChain(table_, "prerouting", {"filter", NF_BR_PRE_ROUTING, kBeforeAll}));
    Add(NftRule(table_, "prerouting").Meta(NFT_META_IIFGROUP).Equals(group_).Jump("guard"));
    Add(NewBaseChain(table_, "forward", {"filter", NF_BR_FORWARD, kBeforeAll}));
    Add(NftRule(table_, "forward").Meta(NFT_META_IIFNAME).Meta(NFT_META_OIFNAME, kAfterName).In("severed").Drop());
    Frames();
    Ipv6();
    return std::move(messages_);
  }

 private:
  void Add(NetlinkMessage message) { messages_.push_back(std::move(message)); }
  NftRule Rule(const char* chain) const { return {table_, chain}; }
  static NftRule&& OfType(NftRule&& rule, std::uint16_t type) {
    const std::uint16_t number = ::htons(type);
    return std::move(rule).Meta(NFT_META_PROTOCOL).Equals({reinterpret_cast<const char*>(&number), sizeof number});
  }
  // The port with a part of the packet, as a key.
  static NftRule&& PortAnd(NftRule&& rule, std::uint32_t base, std::uint32_t offset, std::uint32_t size) {
    return std::move(rule).Meta(NFT_META_IIFNAME).Payload(base, offset, size, kAfterName);
  }

  void Frames() {
    Add(PortAnd(Rule("guard"), NFT_PAYLOAD_LL_HEADER, kEtherSource, 6).NotIn("senders").Drop());
    // In ARP the sender is named once more. Asking whether an address is free, nobody is named yet: 0.0.0.0.
    Add(PortAnd(OfType(Rule("guard"), ETHERTYPE_ARP), NFT_PAYLOAD_NETWORK_HEADER, kArpMac, 6).NotIn("senders").Drop());
    const std::string none(4, '\0');
    Add(OfType(Rule("guard"), ETHERTYPE_ARP).Payload(NFT_PAYLOAD_NETWORK_HEADER, kArpAddress, 4).Equals(none).Accept());
    Add(PortAnd(OfType(Rule("guard"), ETHERTYPE_ARP), NFT_PAYLOAD_NETWORK_HEADER, kArpAddress, 4).In("sources4").Accept());
    Add(PortAnd(OfType(Rule("guard"), ETHERTYPE_IP), NFT_PAYLOAD_NETWORK_HEADER, kSource4, 4).In("sources4").Accept());
    Add(OfType(Rule("guard"), ETHERTYPE_IPV6).Jump("guard6"));
    Add(Rule("guard").Drop());
  }

  NftRule IcmpV6(std::uint8_t type) const {
    return Rule("guard6")
        .Meta(NFT_META_L4PROTO)
        .Equals(NftByte(IPPROTO_ICMPV6))
        .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)
        .Equals(NftByte(type));
  }

  // No container is a router, and none answers for an address that is not its own. One without an address yet may ask whether it is free.
  void Ipv6() {
    Add(IcmpV6(kRouterAdvertisement).Drop());
    Add(PortAnd(IcmpV6(kNeighbourAdvertisement), NFT_PAYLOAD_TRANSPORT_HEADER, 8, 16).NotIn("sources6").Drop());
    Add(PortAnd(Rule("guard6"), NFT_PAYLOAD_NETWORK_HEADER, kSource6, 16).In("sources6").Accept());
    Add(Rule("guard6")
            .Payload(NFT_PAYLOAD_NETWORK_HEADER, kSource6, 16)
            .Equals(std::string(16, '\0'))
            .Payload(NFT_PAYLOAD_NETWORK_HEADER, kNextHeader6, 1)
            .Equals(NftByte(IPPROTO_ICMPV6))
            .Accept());
  }

  NftTable table_;
  std::string group_;
  std::vector<NetlinkMessage> messages_;
};

}  // namespace

std::vector<NetlinkMessage> BridgeChains(const std::string& table, std::uint32_t group) { return Guard(table, group).All(); }

}  // namespace tsc
