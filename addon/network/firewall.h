// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "network/netlink_socket.h"
#include "network/rule_set.h"

// What becomes of a rule set in the kernel. Each call is one transaction: all of it is done, or nothing. `socket` is one of
// NETLINK_NETFILTER.
namespace tsc {

Status ApplyRuleSet(NetlinkSocket* socket, const RuleSet& rules);
Status ClearRuleSet(NetlinkSocket* socket, const std::string& table);
// ENOENT: the table is gone, somebody has flushed it. EEXIST: one of them is there, such as a port that somebody else has published.
Status AddToRuleSet(NetlinkSocket* socket, const std::string& table, const std::vector<NftElement>& elements);
// Those that are not there are as good as removed.
Status RemoveFromRuleSet(NetlinkSocket* socket, const std::string& table, const std::vector<NftElement>& elements);

}  // namespace tsc
