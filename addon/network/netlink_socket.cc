// SPDX-License-Identifier: Apache-2.0
#include "network/netlink_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <memory>

#include "network/netlink_reply.h"

namespace tsc {
namespace {

constexpr int kBuffer = 8 << 20;
constexpr std::size_t kLargestDatagram = std::size_t{256} * 1024;

}  // namespace

Result<NetlinkSocket> NetlinkSocket::Open(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return Errno("open netlink socket", std::to_string(protocol));
  return Take(std::move(fd));
}

Result<NetlinkSocket> NetlinkSocket::Take(UniqueFd fd) {
  const int on = 1;
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK}) {
    if (::setsockopt(fd.get(), SOL_NETLINK, option, &on, sizeof on) != 0) return Errno("open netlink socket", "options");
  }
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return Errno("open netlink socket", "bind");
  // One transaction of nftables is one message to the kernel. Where this is refused, large ones are.
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof kBuffer);
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer);
  return NetlinkSocket(std::move(fd));
}

std::uint32_t NetlinkSocket::port() const {
  sockaddr_nl own{};
  socklen_t size = sizeof own;
  return ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0 ? own.nl_pid : 0;
}

Status NetlinkSocket::Write(const std::string& bytes, const NetlinkMessage& first) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? Status(Errno(first.step(), first.object())) : Status{};
}

Result<std::string> NetlinkSocket::Read(int flags) {
  // One for all: a new one each time would cost more than the call.
  static const auto buffer = std::make_unique_for_overwrite<char[]>(kLargestDatagram);
  ssize_t got;
  do got = ::recv(fd_.get(), buffer.get(), kLargestDatagram, flags);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return std::string();
  if (got < 0) return Errno("read netlink socket");
  return std::string(buffer.get(), static_cast<std::size_t>(got));
}

Status NetlinkSocket::Send(std::vector<NetlinkMessage> messages) {
  if (messages.empty()) return {};
  std::string bytes;
  const std::uint32_t first = sequence_ + 1;
  for (auto& message : messages) {
    message.header().nlmsg_seq = ++sequence_;
    bytes += message.bytes();
  }
  TSC_TRY(Write(bytes, messages.front()));
  std::optional<Failure> failure;
  for (;;) {
    const std::string datagram = TSC_TRY(Read(MSG_DONTWAIT));
    if (datagram.empty()) return failure ? Status(*failure) : Status{};
    std::string_view rest = datagram;
    for (NetlinkReply answer; NextReply(&rest, &answer);) {
      const std::uint32_t place = answer.head.nlmsg_seq - first;
      if (answer.head.nlmsg_type != NLMSG_ERROR || ErrorOf(answer) == 0 || place >= messages.size() || failure) continue;
      failure = RefusedBy(messages[place], answer);
    }
  }
}

Status NetlinkSocket::Send(NetlinkMessage message) {
  std::vector<NetlinkMessage> one;
  one.push_back(std::move(message));
  return Send(std::move(one));
}

Status NetlinkSocket::SendTolerating(int tolerated, NetlinkMessage message) {
  auto sent = Send(std::move(message));
  return !sent.ok() && sent.failure().error == tolerated ? Status{} : std::move(sent);
}

Result<std::vector<NetlinkAnswer>> NetlinkSocket::Ask(NetlinkMessage message) {
  message.header().nlmsg_seq = ++sequence_;
  TSC_TRY(Write(message.bytes(), message));
  std::vector<NetlinkAnswer> answers;
  for (;;) {
    const std::string datagram = TSC_TRY(Read(0));
    std::string_view rest = datagram;
    for (NetlinkReply answer; NextReply(&rest, &answer);) {
      if (answer.head.nlmsg_seq != sequence_) continue;
      if (answer.head.nlmsg_type == NLMSG_DONE) return answers;
      if (answer.head.nlmsg_type == NLMSG_ERROR) {
        if (ErrorOf(answer) != 0) return RefusedBy(message, answer);
        return answers;
      }
      answers.push_back({answer.head.nlmsg_type, std::string(answer.body)});
      if (!(answer.head.nlmsg_flags & NLM_F_MULTI) && !(message.header().nlmsg_flags & NLM_F_ACK)) return answers;
    }
  }
}

}  // namespace tsc
