// SPDX-License-Identifier: Apache-2.0
#include "supervisor/firewall_watch.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>

namespace tsc {
namespace {

constexpr std::size_t kLargestDatagram = 64 * 1024;

// All of these have the name of the table as their first attribute.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 && NFTA_SET_TABLE == 1);

bool TakesAway(int type) {
  switch (type) {
    case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE:
    case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELCHAIN:
    case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELRULE:
    case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSET:
      return true;
    default:
      return false;
  }
}

}  // namespace

Status FirewallWatch::Open(const NetworkHost& network, std::function<void()> damaged) {
  if (socket_) return {};
  auto entered = TSC_TRY(EnterNetwork(network.where(), {}));
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = 1U << (NFNLGRP_NFTABLES - 1);
  if (::bind(entered.nftables.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return Errno("watch firewall");
  socket_ = std::move(entered.nftables);
  table_ = network.table();
  ours_ = network.firewall_port();
  damaged_ = std::move(damaged);
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) { OnChange(); });
  return {};
}

void FirewallWatch::Close() {
  if (socket_) loop_->Remove(socket_.get());
  socket_.reset();
}

void FirewallWatch::OnChange() {
  bool damaged = false;
  std::string datagram(kLargestDatagram, '\0');
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    // Something was missed: nobody knows what.
    if (got < 0 && errno == ENOBUFS) damaged = true;
    if (got < 0 && errno != ENOBUFS) break;
    if (got >= 0) damaged = damaged || IsDamage(std::string_view(datagram).substr(0, static_cast<std::size_t>(got)));
  }
  if (damaged) damaged_();
}

bool FirewallWatch::IsDamage(std::string_view rest) const {
  nlmsghdr head;
  while (rest.size() >= sizeof head) {
    std::memcpy(&head, rest.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) return false;
    constexpr std::size_t kHeaders = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
    if (head.nlmsg_pid != ours_ && TakesAway(head.nlmsg_type) && head.nlmsg_len >= kHeaders) {
      if (TextOf(ReadAttributes(rest.substr(kHeaders, head.nlmsg_len - kHeaders)), NFTA_TABLE_NAME) == table_) return true;
    }
    rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), rest.size()));
  }
  return false;
}

}  // namespace tsc
