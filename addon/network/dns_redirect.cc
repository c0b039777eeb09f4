// SPDX-License-Identifier: Apache-2.0
#include "network/dns_redirect.h"

#include "network/nft_rule.h"

namespace tsc {
namespace {

constexpr std::uint32_t kProtocol = 12, kPort = 13, kIpv4 = 7;  // types of nft(8)
constexpr std::uint32_t kDestination = 16;                      // in the IP header
constexpr std::uint32_t kDestinationPort = 2;                   // in the headers of TCP and UDP
constexpr char kResolver[] = "\x7f\x00\x00\x0b";                // 127.0.0.11

std::string Port(std::uint16_t port) { return {static_cast<char>(port >> 8), static_cast<char>(port & 0xff)}; }

std::string Resolver() { return {kResolver, 4}; }

}  // namespace

std::vector<NetlinkMessage> RedirectDns(std::uint16_t udp_port, std::uint16_t tcp_port) {
  const NftTable table{NFPROTO_INET, "tscontainer-dns"};
  const auto place = [&](std::uint8_t protocol, std::uint16_t port) {
    return NewElement(table.name, {NFPROTO_INET, "resolver", NftByte(protocol), NftConcat({Resolver(), Port(port)}), "127.0.0.11"});
  };
  std::vector<NetlinkMessage> messages;
  messages.push_back(NewTable(table));
  messages.push_back(NewSet(table, {"resolver", kProtocol, 1, kIpv4 << 6 | kPort, 8}, 1));
  messages.push_back(NewBaseChain(table, "names", {"nat", NF_INET_LOCAL_OUT, -100}));
  messages.push_back(NftRule(table, "names")
                         .Meta(NFT_META_NFPROTO)
                         .Equals(NftByte(NFPROTO_IPV4))
                         .Payload(NFT_PAYLOAD_NETWORK_HEADER, kDestination, 4)
                         .Equals(Resolver())
                         .Payload(NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, 2)
                         .Equals(Port(53))
                         .Meta(NFT_META_L4PROTO)
                         .Find("resolver")
                         .Dnat(NFPROTO_IPV4));
  messages.push_back(place(IPPROTO_UDP, udp_port));
  messages.push_back(place(IPPROTO_TCP, tcp_port));
  return NftTransaction(std::move(messages));
}

}  // namespace tsc
