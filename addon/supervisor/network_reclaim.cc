// SPDX-License-Identifier: Apache-2.0
#include "supervisor/egress_records.h"
#include "supervisor/foreign_firewall.h"
#include "supervisor/leaving_networks.h"
#include "supervisor/network_addresses.h"
#include "supervisor/network_records.h"
#include "supervisor/networks.h"
#include "supervisor/router.h"
#include "supervisor/stored_container.h"

// What is left of networks and places: by those that leave, and by those that were killed.
namespace tsc {
namespace {

constexpr std::chrono::milliseconds kUntilSweep{1000};

Result<std::set<std::string>> RecordedLinks(const Host& host) {
  std::set<std::string> names;
  for (const auto& network : TSC_TRY(ReadNetworkRecords(host))) names.insert(network.bridge);
  for (const auto& endpoint : TSC_TRY(ReadEndpointRecords(host))) names.insert(endpoint.rules.port);
  return names;
}

// Records are read last: whoever makes a link has written its record before, and may be about to.
std::vector<std::string> LeftLinks(NetworkHost* network) {
  std::vector<std::string> left;
  const auto links = ListLinksOfGroup(network->links(), network->group());
  const auto recorded = RecordedLinks(network->host());
  if (!links.ok() || !recorded.ok()) return left;
  for (const auto& link : *links)
    if (!recorded->contains(link.name)) left.push_back(link.name);
  return left;
}

// With its last network an engine has nothing more in the kernel.
void TakeAllAway(NetworkHost* network) {
  if (const auto lasts = network->Lasts(); !lasts.ok() || *lasts) {
    if (const auto links = ListLinksOfGroup(network->links(), network->group()); links.ok())
      for (const auto& link : *links) (void)network->links()->Send(DeleteLink(link.name)).ok();
    TakePassageBackElsewhere(network);
    (void)network->ClearRules().ok();
    CeaseRouting(*network);
  }
  RemoveNetworkRecords(network->host());
}

}  // namespace

void Networks::SweepLater() {
  if (sweep_) return;
  sweep_ = loop_->After(kUntilSweep, [this] {
    sweep_.reset();
    auto left = LeftLinks(&network_);
    std::erase_if(left, [this](const std::string& name) { return leaving_.contains(name); });
    if (!left.empty()) DeleteLinks(network_.where(), std::move(left), [] {});
  });
}

void Networks::TakeAway() {
  if (sweep_) loop_->Cancel(*std::exchange(sweep_, std::nullopt));
  // An earlier supervisor may have made them, for containers that monitors had.
  if (!HasNetworkRecords(network_.host())) return;
  const auto endpoints = ReadEndpointRecords(network_.host());
  if (!endpoints.ok() || !endpoints->empty() || NetworksAreWanted(network_.host())) return;
  if (network_.Open().ok()) TakeAllAway(&network_);
}

Status ReclaimNetworks(const Host& host, const std::set<std::string>& living) {
  // Whoever wanted them has gone.
  for (const auto& partition : ReadPartitions(host)) RemovePartition(host, partition);
  UnmarkAllLeaving(host);
  SweepAddresses(host, living);
  SweepHolders(host.run_dir.get());
  if (host.options.rootless) ForgetWayOut(host);
  if (!HasNetworkRecords(host)) return {};
  NetworkHost network(&host);
  // Without root its namespace has ended with whoever held it.
  const bool lasts = TSC_TRY(network.Lasts());
  bool used = NetworksAreWanted(host);
  for (const auto& endpoint : TSC_TRY(ReadEndpointRecords(host))) {
    const bool lives = lasts && living.contains(endpoint.container);
    if (!lives) RemoveEndpointRecord(host, endpoint.rules.port);
    if (!lives) (void)WriteEgressRecord(host, endpoint.container, {}).ok();
    used = used || lives;
  }
  if (!lasts) RemoveNetworkRecords(host);
  if (!lasts || !network.Open().ok()) return {};
  if (!used) {
    TakeAllAway(&network);
    return {};
  }
  (void)network.ApplyRules().ok();
  (void)LetPassElsewhere(&network).ok();
  for (const auto& name : LeftLinks(&network)) (void)network.links()->Send(DeleteLink(name)).ok();
  return {};
}

}  // namespace tsc
