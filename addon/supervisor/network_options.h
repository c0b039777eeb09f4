// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "network/egress_policy.h"
#include "network/ip_address.h"
#include "network/rule_set.h"

// Networks as the messages of docs/protocol.md describe them, checked.
namespace tsc {

struct NetworkDefinition {  // NOLINT(bugprone-exception-escape): to move a Json never throws
  std::string id, bridge;
  std::vector<IpPrefix> gateways;  // of each subnet: the gateway's address, with the subnet's length
  std::vector<IpPrefix> ranges;    // of which free addresses are chosen, where it is not the whole subnet
  std::uint32_t mtu = 0;           // 0: the kernel's
  std::string parent;              // of macvlan: the host's link whose neighbours its members are; there is no bridge then
  std::uint32_t mode = 0;          // of macvlan: MACVLAN_MODE_…
  bool internal = false, ipv6 = false, isolated = false;
  std::optional<EgressPolicy> egress;  // of its members that have none of their own
  std::int64_t egress_version = 0;     // of two the later one holds
  Json json;                           // as it came: the record

  bool macvlan() const { return !parent.empty(); }
  // The part of a subnet that free addresses are chosen from.
  IpPrefix RangeOf(const IpPrefix& gateway) const;
  // The one of its subnets that this address is in.
  const IpPrefix* SubnetOf(const IpAddress& address) const;
};

// A place on a network that a container is to have.
struct NetworkPlace {
  std::string network;
  std::vector<IpAddress> addresses;  // free ones are chosen where there are none
  std::string domain;                // below which its names are known too
  std::vector<std::string> aliases;
  std::optional<MacAddress> mac;
  std::string interface;
  bool default_route = false;
};

struct PortRequest {
  IpAddress host;
  std::uint8_t protocol = 6;    // IPPROTO_…
  std::uint16_t host_port = 0;  // 0: a free one
  std::uint16_t container_port = 0;
  std::string share = {};  // of several containers that have it together: what they are called
  bool operator==(const PortRequest&) const = default;
};

Result<NetworkDefinition> ParseNetworkDefinition(const Json& json);
// Its interface is `eth<index>` where it names none.
Result<NetworkPlace> ParseNetworkPlace(const Json& json, std::size_t index);
Result<std::vector<NetworkPlace>> ParseNetworkPlaces(const Json& list);
Json PlaceJson(const NetworkPlace& place);
Result<std::vector<PortRequest>> ParsePortRequests(const Json& list);
Json PortJson(const PortRequest& port);

}  // namespace tsc
