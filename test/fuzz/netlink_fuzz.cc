// SPDX-License-Identifier: Apache-2.0
// Answers of the kernel's netlink, and the first bytes of packets that its firewall refused.
#include "network/links.h"
#include "network/netlink_reply.h"
#include "network/refused_packet.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

void Read(std::string_view datagram) {
  const NetlinkMessage request(0, 0, "fuzz", "netlink");
  std::size_t left = datagram.size();
  for (NetlinkReply reply; NextReply(&datagram, &reply);) {
    Require(datagram.size() < left);
    left = datagram.size();
    (void)ErrorOf(reply);
    Require(RefusedBy(request, reply).step == "fuzz");
    (void)ReadLink(reply.body);
  }
}

void Run(std::string_view input) {
  Read(input);
  (void)ReadLink(input);
  if (const auto packet = ReadRefusedPacket(input)) Require(!ProtocolText(packet->protocol).empty() && !Text(packet->source).empty());
}

const Registration kTarget({"netlink", Run});

}  // namespace
}  // namespace tsc::fuzz
