// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "network/ip_address.h"

// What a container may reach outside of its networks: docs/decisions/0029.
namespace tsc {

// {0, 0}: every port of every protocol.
struct EgressPort {
  std::uint8_t protocol = 0;  // IPPROTO_…
  std::uint16_t port = 0;
  bool operator==(const EgressPort&) const = default;
};

struct EgressRange {
  IpPrefix range;
  EgressPort port;
  bool operator==(const EgressRange&) const = default;
};

struct EgressName {
  std::string name;    // in lower case, without the last dot
  bool below = false;  // the names below it, and not itself
  EgressPort port;
  bool operator==(const EgressName&) const = default;
};

struct EgressPolicy {
  std::vector<EgressRange> ranges;
  std::vector<EgressName> names;

  bool Names(const std::string& name) const { return !PortsOf(name).empty(); }
  // Where the addresses of that name may be reached; nothing: it is not to be asked for.
  std::vector<EgressPort> PortsOf(const std::string& name) const;
  // An entry of its own speaks of the address, on whatever port.
  bool Covers(const IpAddress& address) const;
  bool operator==(const EgressPolicy&) const = default;
};

// By which an allowed name, answered by a stranger, would lead somewhere that is no stranger's: the host's neighbours, itself, or a part of
// the Internet that means something of these (DNS rebinding).
bool IsInward(const IpAddress& address);

// Without what others among them say already; what is left is disjoint for each port.
std::vector<EgressRange> WithoutContained(std::vector<EgressRange> ranges);

}  // namespace tsc
