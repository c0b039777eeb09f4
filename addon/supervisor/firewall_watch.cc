// SPDX-License-Identifier: Apache-2.0
#include "supervisor/firewall_watch.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "network/foreign_chain.h"

namespace tsc {
namespace {

constexpr std::size_t kLargestDatagram = std::size_t{64} * 1024;

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

constexpr std::chrono::milliseconds kUntilSettled{20};

}  // namespace

Status FirewallWatch::Open(const NetworkHost& network, Listener listener) {
  if (socket_) return {};
  auto entered = TSC_TRY(EnterNetwork(network.where(), {}));
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = 1U << (NFNLGRP_NFTABLES - 1);
  if (::bind(entered.nftables.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return Errno("watch firewall");
  socket_ = std::move(entered.nftables);
  table_ = network.table();
  ours_ = network.firewall_port();
  listener_ = std::move(listener);
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) { OnChange(); });
  return {};
}

void FirewallWatch::Close() {
  if (socket_) loop_->Remove(socket_.get());
  socket_.reset();
  if (soon_) loop_->Cancel(*std::exchange(soon_, std::nullopt));
}

void FirewallWatch::TellOthersSoon() {
  if (soon_) return;
  soon_ = loop_->After(kUntilSettled, [this] {
    soon_.reset();
    listener_.others();
  });
}

void FirewallWatch::OnChange() {
  Change largest = Change::kNone;
  std::string datagram(kLargestDatagram, '\0');
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    // Something was missed: nobody knows what.
    if (got < 0 && errno == ENOBUFS) largest = Change::kDamage;
    if (got < 0 && errno != ENOBUFS) break;
    if (got >= 0) largest = std::max(largest, Largest(std::string_view(datagram).substr(0, static_cast<std::size_t>(got))));
  }
  if (largest == Change::kDamage) listener_.damaged();
  if (largest != Change::kNone) TellOthersSoon();
}

FirewallWatch::Change FirewallWatch::Largest(std::string_view rest) const {
  Change largest = Change::kNone;
  nlmsghdr head;
  while (rest.size() >= sizeof head) {
    std::memcpy(&head, rest.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) return largest;
    constexpr std::size_t kHeaders = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
    if (head.nlmsg_pid != ours_ && head.nlmsg_len >= kHeaders) {
      const auto family = static_cast<std::uint8_t>(rest[NLMSG_HDRLEN]);
      const auto attributes = ReadAttributes(rest.substr(kHeaders, head.nlmsg_len - kHeaders));
      largest = std::max(largest, ChangeOf(head.nlmsg_type, family, TextOf(attributes, NFTA_TABLE_NAME)));
    }
    rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), rest.size()));
  }
  return largest;
}

FirewallWatch::Change FirewallWatch::ChangeOf(int type, std::uint8_t family, const std::string& table) const {
  if (type >> 8 != NFNL_SUBSYS_NFTABLES) return Change::kNone;
  if (table == table_) return TakesAway(type) ? Change::kDamage : Change::kNone;
  const auto& chains = KnownForeignChains();
  const bool known = std::any_of(chains.begin(), chains.end(),
                                 [&](const ForeignChain& chain) { return chain.table.family == family && chain.table.name == table; });
  return known ? Change::kOthers : Change::kNone;
}

}  // namespace tsc
