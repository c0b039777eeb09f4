// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "supervisor/network_records.h"

// Which containers are kept from each other on a network, told in the run directory: v1/partitions/<network>-<one>-<other>. So it holds for
// whoever of them is started again, by whichever process.
namespace tsc {

struct Partition {
  std::string network, one, other;  // ids; of the two containers the lesser one first
  auto operator<=>(const Partition&) const = default;
};

// {network, pairs: [[container, container], …]}
Result<std::vector<Partition>> ParsePartitions(const Json& message);
// {network, one?: [container, …], other?: […]}: those between the two, all of the first, or all.
struct Healing {
  std::string network;
  std::vector<std::string> one, other;
  bool Covers(const Partition& partition) const;
};

Status WritePartition(const Host& host, const Partition& partition);
void RemovePartition(const Host& host, const Partition& partition);
std::vector<Partition> ReadPartitions(const Host& host);

// Of those that concern this place, with whoever is there now.
std::vector<NftElement> ElementsApart(const Host& host, const std::string& container, const std::string& network,
                                      const RuleEndpoint& rules);
std::vector<NftElement> ElementsApart(const Host& host, const Partition& partition);

}  // namespace tsc
