// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>

#include "network/nft_rule.h"
#include "network/rule_set.h"

// Egress policies: chains of their own before those of rule_chains.cc, so that what they refuse is refused before "established" lets it
// pass, and what they let pass is still judged there. A container is known by its address, since its port says nothing with another one.
namespace tsc {
namespace {

constexpr std::uint32_t kProtocol = 12, kPort = 13, kIpv4 = 7, kIpv6 = 8;  // types of nft(8)
constexpr std::int32_t kBefore = NF_IP_PRI_FILTER - 1;
constexpr std::uint32_t kLogged = 96;  // bytes: the headers
constexpr std::uint32_t kToldPerSecond = 1, kToldAtOnce = 20, kMostTold = 65'536;
constexpr std::uint64_t kToldMs = 60'000;
constexpr std::uint8_t kNeighbours[] = {135, 136}, kSilent[] = {130, 131, 132, 133, 143};  // ICMPv6: who has an address; MLD and RS

// Addresses of one family: in packets, in registers, and in the names of sets.
struct Family {
  std::uint8_t number;
  std::uint32_t size, source, destination, type;
  const char* digit;

  std::string Named(const char* set) const { return std::string(set) + digit; }
  int after() const { return static_cast<int>(size / 4); }
  // (container, protocol, port, other), as types are written down: six bits each.
  std::uint32_t flow() const { return ((type << 6 | kProtocol) << 6 | kPort) << 6 | type; }
  std::uint32_t flow_size() const { return 2 * size + 8; }
};
constexpr Family kFamilies[] = {{NFPROTO_IPV4, 4, 12, 16, kIpv4, "4"}, {NFPROTO_IPV6, 16, 8, 24, kIpv6, "6"}};

class Egress {
 public:
  Egress(const std::string& table, std::uint32_t group) : table_{NFPROTO_INET, table}, group_(NftNumber(group)) {}

  std::vector<NetlinkMessage> All() && {
    for (const auto& family : kFamilies) Sets(family);
    for (const auto& family : kFamilies) Refused(family);
    for (const auto& family : kFamilies) Leaving(family);
    for (const auto& family : kFamilies) Answered(family);
    Hooks();
    return std::move(messages_);
  }

 private:
  void Add(NetlinkMessage message) { messages_.push_back(std::move(message)); }
  NftRule Rule(const std::string& chain) const { return {table_, chain}; }
  static NftRule&& Of(NftRule&& rule, const Family& family) {
    return std::move(rule).Meta(NFT_META_NFPROTO).Equals(NftByte(family.number));
  }
  static NftRule&& Load(NftRule&& rule, const Family& family, std::uint32_t offset, int at = 0) {
    return std::move(rule).Payload(NFT_PAYLOAD_NETWORK_HEADER, offset, family.size, at);
  }
  static NftRule&& IcmpV6(NftRule&& rule, std::uint8_t type) {
    return std::move(rule)
        .Meta(NFT_META_L4PROTO)
        .Equals(NftByte(IPPROTO_ICMPV6))
        .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)
        .Equals(NftByte(type));
  }
  static NftRule&& Direction(NftRule&& rule, std::uint8_t direction) {
    return std::move(rule).Ct(NFT_CT_DIRECTION).Equals(NftByte(direction));
  }

  void Sets(const Family& f) {
    Add(NewSet(table_, {f.Named("policed"), f.type, f.size}, ++id_));
    Add(NewSet(table_, {f.Named("listeners"), f.type, f.size, kNftVerdicts}, ++id_));
    Add(NewSet(table_, {f.Named("told"), f.type, f.size, 0, 0, NFT_SET_EVAL | NFT_SET_TIMEOUT, {}, kMostTold, kToldMs}, ++id_));
    Add(NewSet(table_, {f.Named("ranges"), f.flow(), f.flow_size(), 0, 0, 0, {f.size, 1, 2, f.size}}, ++id_));
    Add(NewSet(table_, {f.Named("names"), f.flow(), f.flow_size(), 0, 0, NFT_SET_TIMEOUT}, ++id_));
    Add(NewSet(table_, {f.Named("known"), f.flow(), f.flow_size()}, ++id_));
  }

  // So much is told; the packet is answered in any case, so that nobody waits.
  void Refused(const Family& f) {
    const auto chain = f.Named("refused");
    Add(NewChain(table_, chain));
    Add(Load(Rule(chain), f, f.source).AtMost(f.Named("told"), kToldPerSecond, kToldAtOnce).JumpBy(f.Named("listeners")));
    Add(Rule(chain).Meta(NFT_META_L4PROTO).Equals(NftByte(IPPROTO_TCP)).Reset());
    Add(Rule(chain).Refuse());
    Add(Rule(chain).Drop());
  }

  struct Way {
    std::uint32_t container, other, port;  // offsets in the packet
  };
  static NftRule&& Flow(NftRule&& rule, const Family& f, const Way& way) {
    return Load(std::move(rule), f, way.container)
        .Meta(NFT_META_L4PROTO, f.after())
        .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, way.port, 2, f.after() + 1)
        .Payload(NFT_PAYLOAD_NETWORK_HEADER, way.other, f.size, f.after() + 2);
  }
  static NftRule&& AnyFlow(NftRule&& rule, const Family& f, const Way& way) {
    return Load(std::move(rule), f, way.container)
        .Value(NftNumber(0), f.after())
        .Value(NftNumber(0), f.after() + 1)
        .Payload(NFT_PAYLOAD_NETWORK_HEADER, way.other, f.size, f.after() + 2);
  }
  void Allow(const std::string& chain, const Family& f, const Way& way, const char* set) {
    Add(Flow(Rule(chain), f, way).In(f.Named(set)).Accept());
    Add(AnyFlow(Rule(chain), f, way).In(f.Named(set)).Accept());
  }
  // A connection outlives the time for which its name may be kept.
  void AllowFollowing(const std::string& chain, const Family& f, const Way& way) {
    constexpr std::uint32_t kEstablished = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
    Add(Flow(Rule(chain).Ct(NFT_CT_STATE).HasAnyOf(kEstablished), f, way).In(f.Named("known")).Accept());
    Add(AnyFlow(Rule(chain).Ct(NFT_CT_STATE).HasAnyOf(kEstablished), f, way).In(f.Named("known")).Accept());
  }

  void Leaving(const Family& f) {
    const auto chain = f.Named("leaves");
    const Way out{f.source, f.destination, 2};
    Add(NewChain(table_, chain));
    // Who was asked from outside answers: published ports.
    Add(Direction(Rule(chain), IP_CT_DIR_REPLY).Accept());
    Allow(chain, f, out, "ranges");
    Allow(chain, f, out, "names");
    AllowFollowing(chain, f, out);
    Add(Rule(chain).Jump(f.Named("refused")));
  }

  // What comes back of connections that are no longer allowed does not arrive either. Errors come from anywhere on the way.
  void Answered(const Family& f) {
    const auto chain = f.Named("answers");
    const Way in{f.destination, f.source, 0};
    Add(NewChain(table_, chain));
    Add(Direction(Rule(chain), IP_CT_DIR_ORIGINAL).Accept());
    Add(Rule(chain).Ct(NFT_CT_STATE).HasAnyOf(NF_CT_STATE_BIT(IP_CT_RELATED)).Accept());
    Allow(chain, f, in, "ranges");
    Allow(chain, f, in, "names");
    AllowFollowing(chain, f, in);
    Add(Rule(chain).Drop());
  }

  void Hooks() {
    Add(NewBaseChain(table_, "egress", {"filter", NF_INET_FORWARD, kBefore}));
    for (const auto& f : kFamilies) {
      auto out = Rule("egress").Meta(NFT_META_IIFGROUP).Equals(group_).Meta(NFT_META_OIFGROUP).Differs(group_);
      Add(Load(Of(std::move(out), f), f, f.source).In(f.Named("policed")).Jump(f.Named("leaves")));
      auto in = Rule("egress").Meta(NFT_META_OIFGROUP).Equals(group_).Meta(NFT_META_IIFGROUP).Differs(group_);
      Add(Load(Of(std::move(in), f), f, f.destination).In(f.Named("policed")).Jump(f.Named("answers")));
    }
    Add(NewBaseChain(table_, "egress-host", {"filter", NF_INET_LOCAL_IN, kBefore}));
    const auto from_ours = [this] { return Rule("egress-host").Meta(NFT_META_IIFGROUP).Equals(group_); };
    for (const auto type : kNeighbours) Add(IcmpV6(from_ours(), type).Accept());
    for (const auto type : kSilent) Add(IcmpV6(from_ours(), type).Drop());
    for (const auto& f : kFamilies) Add(Load(Of(from_ours(), f), f, f.source).In(f.Named("policed")).Jump(f.Named("leaves")));
  }

  NftTable table_;
  std::string group_;
  std::uint32_t id_ = 100;  // after those of rule_chains.cc
  std::vector<NetlinkMessage> messages_;
};

std::string ListenerChain(std::uint16_t listener) { return "listener-" + std::to_string(listener); }

std::string PortBytes(std::uint16_t port) { return {static_cast<char>(port >> 8), static_cast<char>(port & 0xff)}; }

IpAddress LastOf(const IpPrefix& range) {
  IpAddress last = range.address;
  for (unsigned bit = range.length; bit < last.size() * 8; ++bit)
    last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80U >> bit % 8);
  return last;
}

IpAddress FirstOf(const IpPrefix& range) {
  IpAddress first = range.address;
  for (unsigned bit = range.length; bit < first.size() * 8; ++bit)
    first.bytes[bit / 8] = static_cast<std::uint8_t>(first.bytes[bit / 8] & ~(0x80U >> bit % 8));
  return first;
}

std::string NamedFor(const char* set, const IpAddress& address) { return std::string(set) + (address.family == AF_INET ? "4" : "6"); }

std::string FlowKey(const IpAddress& container, const EgressPort& port, const IpAddress& other) {
  return NftConcat({container.view(), NftByte(port.protocol), PortBytes(port.port), other.view()});
}

}  // namespace

std::vector<NetlinkMessage> EgressChains(const std::string& table, std::uint32_t group) { return Egress(table, group).All(); }

std::vector<NetlinkMessage> EgressListener(const std::string& table, std::uint16_t listener) {
  const NftTable inet{NFPROTO_INET, table};
  std::vector<NetlinkMessage> messages;
  messages.push_back(NewChain(inet, ListenerChain(listener)));
  messages.push_back(NftRule(inet, ListenerChain(listener)).Log(listener, kLogged));
  return messages;
}

std::vector<NftElement> EgressElementsOf(const RuleEndpoint& endpoint) {
  std::vector<NftElement> elements;
  if (!endpoint.egress) return elements;
  auto sources = endpoint.addresses;
  sources.push_back(LinkLocalAddressOf(endpoint.mac));
  for (const auto& source : sources) {
    const std::string key(source.view()), about = Text(source);
    elements.push_back({NFPROTO_INET, NamedFor("policed", source), key, {}, about});
    NftElement listener{NFPROTO_INET, NamedFor("listeners", source), key, {}, about};
    listener.jump = ListenerChain(endpoint.egress->listener);
    elements.push_back(std::move(listener));
    for (const auto& entry : WithoutContained(endpoint.egress->ranges)) {
      if (entry.range.address.family != source.family) continue;
      NftElement range{NFPROTO_INET, NamedFor("ranges", source), FlowKey(source, entry.port, FirstOf(entry.range)), {}, Text(entry.range)};
      range.key_end = FlowKey(source, entry.port, LastOf(entry.range));
      elements.push_back(std::move(range));
    }
  }
  return elements;
}

NftElement NameElement(const EgressFlow& flow, std::uint64_t timeout_ms) {
  NftElement element{NFPROTO_INET, NamedFor("names", flow.container), FlowKey(flow.container, flow.port, flow.other), {}, Text(flow.other)};
  element.timeout_ms = timeout_ms;
  return element;
}

NftElement KnownElement(const EgressFlow& flow) {
  return {NFPROTO_INET, NamedFor("known", flow.container), FlowKey(flow.container, flow.port, flow.other), {}, Text(flow.other)};
}

}  // namespace tsc
