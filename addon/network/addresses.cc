// SPDX-License-Identifier: Apache-2.0
#include "network/addresses.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>

namespace tsc {
namespace {

constexpr int kNew = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

IpAddress AddressOf(int family, std::string_view bytes) {
  IpAddress address{family, {}};
  std::copy_n(bytes.begin(), std::min(bytes.size(), address.size()), address.bytes.begin());
  return address;
}

IpAddress BroadcastOf(const IpPrefix& prefix) {
  IpAddress address = prefix.address;
  for (unsigned bit = prefix.length; bit < 32; ++bit) address.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  return address;
}

}  // namespace

NetlinkMessage NewAddress(int link, const IpPrefix& address) {
  NetlinkMessage message(RTM_NEWADDR, kNew, "add address", Text(address));
  ifaddrmsg head{};
  head.ifa_family = static_cast<std::uint8_t>(address.address.family);
  head.ifa_prefixlen = static_cast<std::uint8_t>(address.length);
  head.ifa_index = static_cast<unsigned>(link);
  if (address.address.family == AF_INET6) head.ifa_flags = IFA_F_NODAD;
  message.Head(head).Put(IFA_LOCAL, address.address.view()).Put(IFA_ADDRESS, address.address.view());
  if (address.address.family == AF_INET && address.length < 31) message.Put(IFA_BROADCAST, BroadcastOf(address).view());
  return message;
}

NetlinkMessage NewDefaultRoute(int link, const IpAddress& gateway) {
  NetlinkMessage message(RTM_NEWROUTE, kNew, "add default route", Text(gateway));
  rtmsg head{};
  head.rtm_family = static_cast<std::uint8_t>(gateway.family);
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = RT_SCOPE_UNIVERSE;
  head.rtm_type = RTN_UNICAST;
  message.Head(head).Put(RTA_GATEWAY, gateway.view()).PutNumber(RTA_OIF, link);
  return message;
}

Result<std::vector<Route>> ListRoutes(NetlinkSocket* socket) {
  NetlinkMessage message(RTM_GETROUTE, NLM_F_DUMP, "list routes", "");
  message.Head(rtmsg{});
  std::vector<Route> routes;
  const auto answers = TSC_TRY(socket->Ask(std::move(message)));
  for (const auto& answer : answers) {
    rtmsg head{};
    if (answer.type != RTM_NEWROUTE || answer.body.size() < sizeof head) continue;
    std::memcpy(&head, answer.body.data(), sizeof head);
    const auto attributes = ReadAttributes(std::string_view(answer.body).substr(NLMSG_ALIGN(sizeof head)));
    if (head.rtm_table != RT_TABLE_MAIN || (head.rtm_family != AF_INET && head.rtm_family != AF_INET6)) continue;
    Route route{{{head.rtm_family, {}}, head.rtm_dst_len}, {}, NumberOf<int>(attributes, RTA_OIF)};
    if (const auto to = attributes.find(RTA_DST); to != attributes.end())
      route.destination.address = AddressOf(head.rtm_family, to->second);
    if (const auto by = attributes.find(RTA_GATEWAY); by != attributes.end()) route.gateway = AddressOf(head.rtm_family, by->second);
    routes.push_back(route);
  }
  return routes;
}

}  // namespace tsc
