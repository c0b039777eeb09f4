// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "network/netlink_socket.h"
#include "network/nft_message.h"

// A chain of somebody else's firewall that drops what is forwarded unless it is accepted there: one rule of ours at its beginning leads to
// a chain of ours beside it. Written as iptables-nft writes its own, which else refuses to list the table.
namespace tsc {

struct ForeignChain {
  NftTable table;
  std::string chain;
};

// DOCKER-USER, which Docker makes for others and leaves alone, and what firewalld asks first.
const std::vector<ForeignChain>& KnownForeignChains();

struct Passage {
  std::string tag;                      // the name of our chain, and the comment of the rule that leads there
  std::vector<std::string> left_alone;  // bridges of the other's own: what goes there is for him to judge
  std::vector<std::string> bridges;     // ours: our own tables say what may pass them
};

Result<bool> HasChain(NetlinkSocket* socket, const ForeignChain& chain);
// Changes nothing where it is so already.
Status LetPass(NetlinkSocket* socket, const ForeignChain& chain, const Passage& passage);
Status TakePassageBack(NetlinkSocket* socket, const ForeignChain& chain, const std::string& tag);

}  // namespace tsc
