// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "network/netlink_message.h"

namespace tsc {

// What the kernel answered: its type, and all that follows the header.
struct NetlinkAnswer {
  int type = 0;
  std::string body;
};

// A netlink socket. It speaks to the network namespace that it was made in, wherever it is used. The kernel does what a request asks for
// before the call that sends it returns.
class NetlinkSocket {
 public:
  // NETLINK_ROUTE or NETLINK_NETFILTER, in our network namespace.
  static Result<NetlinkSocket> Open(int protocol);
  // Takes a socket that was made elsewhere.
  static Result<NetlinkSocket> Take(UniqueFd socket);

  // Sends all at once; the kernel goes through them in order and, unless they are a batch of nftables, does not stop at one that it
  // refuses. The failure is that of the first, with what the kernel says about it.
  Status Send(std::vector<NetlinkMessage> messages);
  Status Send(NetlinkMessage message);
  // Of those, whatever is refused with `tolerated` is as good as done.
  Status SendTolerating(int tolerated, NetlinkMessage message);
  // Asks for a list, or for one thing.
  Result<std::vector<NetlinkAnswer>> Ask(NetlinkMessage message);

  // Its address, which what it changes is announced with.
  std::uint32_t port() const;

 private:
  explicit NetlinkSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  Status Write(const std::string& bytes, const NetlinkMessage& first);
  // Of one datagram; empty: there is none.
  Result<std::string> Read(int flags);

  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
};

}  // namespace tsc
