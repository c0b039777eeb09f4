// SPDX-License-Identifier: Apache-2.0
#include "network/links.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

namespace tsc {
namespace {

constexpr int kNew = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

ifinfomsg Head(int index = 0, unsigned flags = 0) {
  ifinfomsg head{};
  head.ifi_family = AF_UNSPEC;
  head.ifi_index = index;
  head.ifi_flags = head.ifi_change = flags;
  return head;
}

std::string_view View(const MacAddress& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

}  // namespace

Link ReadLink(std::string_view body) {
  Link link;
  ifinfomsg head{};
  if (body.size() < sizeof head) return link;
  std::memcpy(&head, body.data(), sizeof head);
  const auto attributes = ReadAttributes(body.substr(NLMSG_ALIGN(sizeof head)));
  link.index = head.ifi_index;
  link.up = (head.ifi_flags & IFF_UP) != 0;
  link.name = TextOf(attributes, IFLA_IFNAME);
  link.group = NumberOf<std::uint32_t>(attributes, IFLA_GROUP);
  link.master = NumberOf<int>(attributes, IFLA_MASTER);
  link.mac = NumberOf<MacAddress>(attributes, IFLA_ADDRESS);
  link.mtu = NumberOf<std::uint32_t>(attributes, IFLA_MTU);
  if (const auto info = attributes.find(IFLA_LINKINFO); info != attributes.end()) {
    link.kind = TextOf(ReadAttributes(info->second), IFLA_INFO_KIND);
  }
  return link;
}

NetlinkMessage NewBridge(const BridgeOptions& options) {
  NetlinkMessage message(RTM_NEWLINK, kNew, "create bridge", options.name);
  message.Head(Head()).PutText(IFLA_IFNAME, options.name).PutNumber(IFLA_GROUP, options.group).Put(IFLA_ADDRESS, View(options.mac));
  if (options.mtu > 0) message.PutNumber(IFLA_MTU, options.mtu);
  message.Nest(IFLA_LINKINFO, [&] { message.PutText(IFLA_INFO_KIND, "bridge"); });
  return message;
}

NetlinkMessage NewVeth(const VethOptions& options) {
  NetlinkMessage message(RTM_NEWLINK, kNew, "create veth", options.name);
  message.Head(Head(0, IFF_UP)).PutText(IFLA_IFNAME, options.name).PutNumber(IFLA_GROUP, options.group);
  if (options.bridge > 0) message.PutNumber(IFLA_MASTER, options.bridge);
  if (options.mtu > 0) message.PutNumber(IFLA_MTU, options.mtu);
  message.Nest(IFLA_LINKINFO, [&] {
    message.PutText(IFLA_INFO_KIND, "veth");
    message.Nest(IFLA_INFO_DATA, [&] {
      message.Nest(VETH_INFO_PEER, [&] {
        message.Head(Head()).PutText(IFLA_IFNAME, options.peer_name).Put(IFLA_ADDRESS, View(options.peer_mac));
        message.PutNumber(IFLA_NET_NS_FD, options.peer_namespace);
        if (options.mtu > 0) message.PutNumber(IFLA_MTU, options.mtu);
      });
    });
  });
  return message;
}

NetlinkMessage NewMacvlan(const MacvlanOptions& options) {
  NetlinkMessage message(RTM_NEWLINK, kNew, "create macvlan", options.peer_name);
  message.Head(Head(0, IFF_UP)).PutText(IFLA_IFNAME, options.peer_name).PutNumber(IFLA_LINK, options.parent);
  message.PutNumber(IFLA_NET_NS_FD, options.peer_namespace);
  if (options.mac) message.Put(IFLA_ADDRESS, View(*options.mac));
  if (options.mtu > 0) message.PutNumber(IFLA_MTU, options.mtu);
  message.Nest(IFLA_LINKINFO, [&] {
    message.PutText(IFLA_INFO_KIND, "macvlan");
    message.Nest(IFLA_INFO_DATA, [&] { message.PutNumber<std::uint32_t>(IFLA_MACVLAN_MODE, options.mode); });
  });
  return message;
}

NetlinkMessage LinkUp(int index) {
  NetlinkMessage message(RTM_NEWLINK, NLM_F_ACK, "set link up", std::to_string(index));
  message.Head(Head(index, IFF_UP));
  return message;
}

NetlinkMessage SetPort(int index, const PortOptions& options) {
  NetlinkMessage message(RTM_NEWLINK, NLM_F_ACK, "set bridge port", std::to_string(index));
  message.Head(Head(index));
  message.Nest(IFLA_LINKINFO, [&] {
    message.PutText(IFLA_INFO_SLAVE_KIND, "bridge");
    message.Nest(IFLA_INFO_SLAVE_DATA, [&] {
      message.PutNumber<std::uint8_t>(IFLA_BRPORT_ISOLATED, options.isolated);
      message.PutNumber<std::uint8_t>(IFLA_BRPORT_MODE, options.hairpin);
    });
  });
  return message;
}

NetlinkMessage PinAddress(int port, const MacAddress& mac) {
  NetlinkMessage message(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, "pin address", std::to_string(port));
  ndmsg head{};
  head.ndm_family = AF_BRIDGE;
  head.ndm_ifindex = port;
  head.ndm_state = NUD_NOARP;
  head.ndm_flags = NTF_MASTER;
  message.Head(head).Put(NDA_LLADDR, View(mac));
  return message;
}

NetlinkMessage DeleteLink(const std::string& name) {
  NetlinkMessage message(RTM_DELLINK, NLM_F_ACK, "delete link", name);
  message.Head(Head()).PutText(IFLA_IFNAME, name);
  return message;
}

Result<std::vector<Link>> ListLinks(NetlinkSocket* socket) {
  NetlinkMessage message(RTM_GETLINK, NLM_F_DUMP, "list links", "");
  message.Head(Head());
  std::vector<Link> links;
  const auto answers = TSC_TRY(socket->Ask(std::move(message)));
  for (const auto& answer : answers) {
    if (answer.type == RTM_NEWLINK) links.push_back(ReadLink(answer.body));
  }
  return links;
}

Result<std::vector<Link>> ListLinksOfGroup(NetlinkSocket* socket, std::uint32_t group) {
  auto links = TSC_TRY(ListLinks(socket));
  std::erase_if(links, [group](const Link& link) { return link.group != group; });
  return links;
}

Result<std::optional<Link>> FindLink(NetlinkSocket* socket, const std::string& name) {
  NetlinkMessage message(RTM_GETLINK, 0, "find link", name);
  message.Head(Head()).PutText(IFLA_IFNAME, name);
  const auto answers = socket->Ask(std::move(message));
  if (!answers.ok() && answers.failure().error == ENODEV) return std::optional<Link>();
  if (!answers.ok()) return answers.failure();
  return answers->empty() ? std::optional<Link>() : ReadLink(answers->front().body);
}

}  // namespace tsc
