// SPDX-License-Identifier: Apache-2.0
#include "supervisor/networks.h"
#include "supervisor/partitions.h"

// What is broken on purpose. It ends with whoever wanted it.
namespace tsc {

Status Networks::Sever(const std::vector<Partition>& partitions, const std::shared_ptr<Connection>& owner) {
  TSC_TRY(network_.Open());
  for (const auto& partition : partitions) {
    const auto network = TSC_TRY(ReadNetworkRecord(network_.host(), partition.network));
    if (network.macvlan()) return Fail("sever network", EOPNOTSUPP, partition.network);
    TSC_TRY(WritePartition(network_.host(), partition));
    severed_[partition] = owner;
    if (auto added = network_.AddRules(ElementsApart(network_.host(), partition)); !added.ok()) {
      Heal(partition);
      return added;
    }
  }
  return {};
}

void Networks::Heal(const Healing& healing) {
  for (const auto& partition : ReadPartitions(network_.host()))
    if (healing.Covers(partition)) Heal(partition);
}

void Networks::Heal(const Partition& partition) {
  RemovePartition(network_.host(), partition);
  severed_.erase(partition);
  if (network_.opened()) (void)network_.RemoveRules(ElementsApart(network_.host(), partition)).ok();
}

void Networks::HealAll(const std::string& container, const std::string& network) {
  for (const auto& partition : ReadPartitions(network_.host())) {
    if (!network.empty() && partition.network != network) continue;
    if (partition.one == container || partition.other == container || container.empty()) Heal(partition);
  }
}

void Networks::Abandon(const std::shared_ptr<Connection>& connection) {
  const auto severed = severed_;  // healing changes the map
  for (const auto& [partition, owner] : severed)
    if (owner.expired() || owner.lock() == connection) Heal(partition);
}

}  // namespace tsc
