// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/ip_address.h"
#include "network/netlink_socket.h"

// Network links. What an engine makes bears the engine's number as its group from the moment it exists: that tells it from others', and the
// rules of the firewall go by it.
namespace tsc {

struct Link {
  int index = 0;
  std::string name, kind;
  std::uint32_t group = 0;
  int master = 0;
  bool up = false;
  MacAddress mac{};
  std::uint32_t mtu = 0;
};

struct BridgeOptions {
  std::string name;
  std::uint32_t group = 0;
  MacAddress mac{};       // given, since otherwise it changes with the bridge's ports
  std::uint32_t mtu = 0;  // 0: the kernel's
};

// A pair of links: one end here, a port of `bridge`; the other one in another network namespace.
struct VethOptions {
  std::string name;
  std::uint32_t group = 0;
  int bridge = 0;           // its index
  int peer_namespace = -1;  // a descriptor of it, borrowed
  std::string peer_name;
  MacAddress peer_mac{};
  std::uint32_t mtu = 0;
};

struct MacvlanOptions {
  int parent = 0;           // index of the link whose neighbours it is to have
  int peer_namespace = -1;  // where it goes
  std::string peer_name;
  std::optional<MacAddress> mac;
  std::uint32_t mtu = 0;
  std::uint32_t mode = 4;  // MACVLAN_MODE_…: bridge
};

// Made down: what is to be so from the beginning can still be set.
NetlinkMessage NewBridge(const BridgeOptions& options);
// One message makes both ends, or nothing. Ours is up; the other one cannot be before they know each other.
NetlinkMessage NewVeth(const VethOptions& options);
NetlinkMessage NewMacvlan(const MacvlanOptions& options);
NetlinkMessage LinkUp(int index);
struct PortOptions {
  bool isolated = false;  // it does not hear its neighbours, and they do not hear it; the bridge itself does
  bool hairpin = false;   // what it says may come back to it: its own published port, where the kernel bridges what was translated
};
NetlinkMessage SetPort(int index, const PortOptions& options);
// Frames to `mac` go to this port from now on, wherever they went before.
NetlinkMessage PinAddress(int port, const MacAddress& mac);
// Blocks for tens of milliseconds: not on the loop.
NetlinkMessage DeleteLink(const std::string& name);

Result<std::vector<Link>> ListLinks(NetlinkSocket* socket);
Result<std::vector<Link>> ListLinksOfGroup(NetlinkSocket* socket, std::uint32_t group);
// Of the body of an RTM_NEWLINK; what is not in it stays empty.
Link ReadLink(std::string_view body);
// Empty: there is none of that name.
Result<std::optional<Link>> FindLink(NetlinkSocket* socket, const std::string& name);

}  // namespace tsc
