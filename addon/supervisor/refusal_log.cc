// SPDX-License-Identifier: Apache-2.0
#include "supervisor/refusal_log.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "network/netlink_message.h"

namespace tsc {
namespace {

constexpr int kTries = 32, kDatagramsAtOnce = 16;
constexpr std::uint32_t kCopied = 96;  // bytes of each packet
constexpr std::size_t kLargestDatagram = std::size_t{64} * 1024;

NetlinkMessage Configure(std::uint16_t group) {
  NetlinkMessage message(NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, "listen to refusals", std::to_string(group));
  message.Head(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(group)});
  return message;
}

NetlinkMessage Bind(std::uint16_t group) {
  auto message = Configure(group);
  message.PutNumber(NFULA_CFG_CMD, static_cast<std::uint8_t>(NFULNL_CFG_CMD_BIND));
  return message;
}

// The headers of each packet, and each at once.
NetlinkMessage Mode(std::uint16_t group) {
  auto message = Configure(group);
  nfulnl_msg_config_mode mode{};
  mode.copy_range = htonl(kCopied);
  mode.copy_mode = NFULNL_COPY_PACKET;
  message.Put(NFULA_CFG_MODE, {reinterpret_cast<const char*>(&mode), sizeof mode}).PutBe32(NFULA_CFG_QTHRESH, 1);
  return message;
}

// Not the small numbers, which people choose.
std::uint16_t AnyGroup() {
  std::uint16_t number = 0;
  (void)!::getrandom(&number, sizeof number, 0);
  return static_cast<std::uint16_t>(number | 0x8000);
}

std::string_view PayloadOf(std::string_view message) {
  constexpr std::size_t kHeaders = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
  if (message.size() < kHeaders) return {};
  const auto attributes = ReadAttributes(message.substr(kHeaders));
  const auto payload = attributes.find(NFULA_PAYLOAD);
  return payload == attributes.end() ? std::string_view() : payload->second;
}

}  // namespace

Result<std::uint16_t> RefusalLog::Open(const NetworkHost& network) {
  if (socket_) return group_;
  auto entered = TSC_TRY(EnterNetwork(network.where(), {}));
  UniqueFd same(::fcntl(entered.nftables.get(), F_DUPFD_CLOEXEC, 3));
  if (!same) return Errno("listen to refusals", "descriptors");
  auto netlink = TSC_TRY(NetlinkSocket::Take(std::move(same)));
  Status bound;
  for (int i = 0; i < kTries; ++i) {
    group_ = AnyGroup();
    bound = netlink.Send(Bind(group_));
    // Somebody else has it.
    if (bound.ok() || (bound.failure().error != EBUSY && bound.failure().error != EPERM)) break;
  }
  if (!bound.ok()) return bound.failure();
  TSC_TRY(netlink.Send(Mode(group_)));
  socket_ = std::move(entered.nftables);
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) { OnPackets(); });
  return group_;
}

void RefusalLog::Close() {
  if (socket_) loop_->Remove(socket_.get());
  socket_.reset();
}

// What is lost because too much comes is not missed: the rules tell only so much of each container anyway.
void RefusalLog::OnPackets() {
  std::string datagram(kLargestDatagram, '\0');
  for (int i = 0; i < kDatagramsAtOnce; ++i) {
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (got < 0) return;
    std::string_view rest(datagram.data(), static_cast<std::size_t>(got));
    nlmsghdr head;
    while (rest.size() >= sizeof head) {
      std::memcpy(&head, rest.data(), sizeof head);
      if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) break;
      if (head.nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) {
        if (const auto packet = ReadRefusedPacket(PayloadOf(rest.substr(0, head.nlmsg_len)))) heard_(*packet);
      }
      rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), rest.size()));
    }
  }
}

}  // namespace tsc
