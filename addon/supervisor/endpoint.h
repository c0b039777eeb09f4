// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "supervisor/network_host.h"
#include "supervisor/network_options.h"
#include "supervisor/port_claim.h"

namespace tsc {

// A container's place on one network: a port of the bridge, what the firewall lets pass there, and the ports of the host that lead to it.
struct Endpoint {
  std::string container, network, interface;
  bool macvlan = false;  // it has no port, and nothing that it says passes our firewall
  RuleEndpoint rules;
  std::vector<std::string> names;  // its own first
  std::vector<PortClaim> claims;
  std::optional<EgressPolicy> policy = {};  // of which `rules` has what is known beforehand
};

// Makes it for the container's network namespace, of which `pidfd` is a process. Of what fails nothing is left.
Status MakeEndpoint(NetworkHost* host, const NetworkDefinition& network, const NetworkPlace& place, int pidfd, const Endpoint& endpoint);

// At once it says and hears nothing any more, and its addresses and ports are free. The link goes with the namespace that its other end is
// in.
void CloseEndpoint(NetworkHost* host, const std::string& port, const std::vector<NftElement>& elements);

// A new name for a port.
std::string NewPortName();

}  // namespace tsc
