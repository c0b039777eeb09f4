// SPDX-License-Identifier: Apache-2.0
#include "network/firewall.h"

namespace tsc {

Status ApplyRuleSet(NetlinkSocket* socket, const RuleSet& rules) { return socket->Send(WholeRuleSet(rules)); }

Status ClearRuleSet(NetlinkSocket* socket, const std::string& table) { return socket->Send(WithoutRuleSet(table)); }

Status AddToRuleSet(NetlinkSocket* socket, const std::string& table, const std::vector<NftElement>& elements) {
  if (elements.empty()) return {};
  return socket->Send(AddElements(table, elements));
}

Status RemoveFromRuleSet(NetlinkSocket* socket, const std::string& table, const std::vector<NftElement>& elements) {
  if (elements.empty()) return {};
  auto removed = socket->Send(RemoveElements(table, elements));
  if (removed.ok() || removed.failure().error != ENOENT) return removed;
  for (const auto& element : elements) {
    auto one = socket->Send(RemoveElements(table, {element}));
    if (!one.ok() && one.failure().error != ENOENT) return one;
  }
  return {};
}

}  // namespace tsc
