// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "network/netlink_socket.h"

namespace tsc {

// Somebody else's firewall that drops what is forwarded and has no place for a rule of ours (network/foreign_chain.h).
struct ForwardBarrier {
  enum class Kind { kChain, kOwned, kLegacy };
  Kind kind = Kind::kChain;
  std::string family, table, chain;  // as nft(8) writes them
};

const char* NameOf(ForwardBarrier::Kind kind);

// In our network namespace.
std::optional<ForwardBarrier> FindForwardBarrier(NetlinkSocket* firewall);

}  // namespace tsc
