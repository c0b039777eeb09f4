// SPDX-License-Identifier: Apache-2.0
#include "supervisor/foreign_firewall.h"

#include <algorithm>
#include <string_view>

#include "network/foreign_chain.h"
#include "supervisor/network_records.h"

namespace tsc {
namespace {

// The bridges of Docker's networks: "docker0", "docker_gwbridge", "br-" and twelve digits.
bool IsDockerBridge(const Link& link, std::uint32_t ours) {
  constexpr std::string_view kPrefix = "br-";
  constexpr std::size_t kDigits = 12;
  if (link.kind != "bridge" || link.group == ours) return false;
  if (link.name.starts_with("docker")) return true;
  return link.name.starts_with(kPrefix) && link.name.size() == kPrefix.size() + kDigits &&
         link.name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

Result<Passage> PassageOf(NetworkHost* network) {
  Passage passage{network->table(), {}, {}};
  const auto links = TSC_TRY(ListLinks(network->links()));
  for (const auto& link : links)
    if (IsDockerBridge(link, network->group())) passage.left_alone.push_back(link.name);
  for (const auto& definition : TSC_TRY(ReadNetworkRecords(network->host())))
    if (!definition.macvlan()) passage.bridges.push_back(definition.bridge);
  std::sort(passage.left_alone.begin(), passage.left_alone.end());
  std::sort(passage.bridges.begin(), passage.bridges.end());
  return passage;
}

}  // namespace

Status LetPassElsewhere(NetworkHost* network) {
  if (network->own()) return {};
  Status all{};
  std::optional<Passage> passage;
  for (const auto& chain : KnownForeignChains()) {
    const auto there = HasChain(network->firewall(), chain);
    if (!there.ok() || !*there) continue;
    if (!passage) passage = TSC_TRY(PassageOf(network));
    auto passes = passage->bridges.empty() ? TakePassageBack(network->firewall(), chain, passage->tag)
                                           : LetPass(network->firewall(), chain, *passage);
    if (!passes.ok()) all = std::move(passes);
  }
  return all;
}

void TakePassageBackElsewhere(NetworkHost* network) {
  if (network->own()) return;
  for (const auto& chain : KnownForeignChains()) (void)TakePassageBack(network->firewall(), chain, network->table()).ok();
}

}  // namespace tsc
