// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "supervisor/network_records.h"
#include "supervisor/networks.h"
#include "supervisor/port_shares.h"

// The ports of the host that lead to containers.
namespace tsc {
namespace {

constexpr int kTries = 20;
constexpr unsigned kPause = 5000;  // microseconds

// The first address that a port of this family can lead to, and whose it is.
const IpAddress* Reachable(const std::vector<NetworkDefinition>& networks, const std::vector<NetworkPlace>& places, int family,
                           std::size_t* which) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (networks[i].internal || networks[i].macvlan()) continue;
    const auto& addresses = places[i].addresses;
    const auto it =
        std::find_if(addresses.begin(), addresses.end(), [family](const IpAddress& address) { return address.family == family; });
    if (it == addresses.end()) continue;
    *which = i;
    return &*it;
  }
  return nullptr;
}

}  // namespace

// The first one of a share is alone: whoever else has the port, and would share it with anybody, is no part of it.
Result<PortClaim> Networks::Claim(const PortRequest& port) {
  const bool forwarded = IsForwarded(port);
  const auto claim = forwarded ? ClaimListening : ClaimPort;
  if (port.share.empty()) return claim(port);
  PortRequest alone = port;
  alone.share.clear();
  for (int i = 0;; ++i) {
    const bool shared = TSC_TRY(forwarded ? ports_.IsShared(port) : IsShared(network_.host(), port));
    if (UniqueFd listener = shared && forwarded ? ports_.ListenerOf(port) : UniqueFd()) return PortClaim{port, std::move(listener)};
    if (shared) break;
    const auto first = claim(alone);
    if (first.ok()) break;
    // Another process of ours may be about to record that it has it.
    if (first.failure().error != EADDRINUSE || i == kTries) return first.failure();
    ::usleep(kPause);
  }
  return claim(port);
}

Status Networks::PlanPorts(const Wanted& wanted, const std::vector<NetworkPlace>& places, const std::vector<NetworkDefinition>& networks,
                           std::vector<Endpoint>* endpoints) {
  for (const auto& port : wanted.ports ? *wanted.ports : std::vector<PortRequest>()) {
    std::size_t which = 0;
    const bool forwarded = IsForwarded(port);
    const int family = forwarded ? AF_INET : port.host.family;
    const IpAddress* address = Reachable(networks, places, family, &which);
    const std::string object = Text(port.host) + " " + std::to_string(port.host_port);
    if (!address) return Fail("publish port", ENETUNREACH, object);
    if (forwarded && port.protocol == IPPROTO_SCTP) return Fail("publish port", EOPNOTSUPP, object);
    auto claim = TSC_TRY(Claim(port));
    auto& endpoint = (*endpoints)[which];
    if (!forwarded)
      endpoint.rules.published.push_back({port.host, port.protocol, claim.port.host_port, *address, port.container_port, port.share});
    endpoint.claims.push_back(std::move(claim));
  }
  return {};
}

// Without root the host's own address table is not ours, and ::1 cannot leave its link for anybody.
bool Networks::IsForwarded(const PortRequest& port) const {
  return network_.own() || (port.host.family == AF_INET6 && port.host.loopback());
}

Status Networks::Forward(int process, const Endpoint& endpoint) {
  const auto& addresses = endpoint.rules.addresses;
  const auto four = std::find_if(addresses.begin(), addresses.end(), [](const IpAddress& address) { return address.family == AF_INET; });
  for (const auto& claim : endpoint.claims) {
    if (!IsForwarded(claim.port)) continue;
    if (four == addresses.end()) return Fail("publish port", ENETUNREACH, Text(claim.port.host));
    UniqueFd socket(::fcntl(claim.socket.get(), F_DUPFD_CLOEXEC, 3)), pidfd(::fcntl(process, F_DUPFD_CLOEXEC, 3));
    if (!socket || !pidfd) return Errno("publish port", "descriptors");
    ports_.Open(endpoint.rules.port, {claim.port, std::move(socket), std::move(pidfd), *four, endpoint.rules.receives});
  }
  return {};
}

void Networks::Receive(std::vector<Endpoint>* endpoints, bool receives) {
  for (auto& endpoint : *endpoints) {
    const bool shares =
        std::any_of(endpoint.claims.begin(), endpoint.claims.end(), [](const PortClaim& claim) { return !claim.port.share.empty(); });
    if (!shares || endpoint.rules.receives == receives) continue;
    endpoint.rules.receives = receives;
    ports_.Receive(endpoint.rules.port, receives);
    const auto record = [&] {
      return WriteEndpointRecord(network_.host(), {endpoint.container, endpoint.network, endpoint.rules, endpoint.names});
    };
    (void)ChangeShares(&network_, endpoint.rules.published, record).ok();
  }
}

}  // namespace tsc
