// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_forward.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network/socket_address.h"

namespace tsc::dns {
namespace {

// Of one container: each is a socket, and a flood of them is not to take those of the others.
constexpr std::size_t kMaxPending = 128;
constexpr std::chrono::milliseconds kPatience(2500);
constexpr std::uint16_t kPort = 53;
constexpr std::size_t kLengthPrefix = 2;

std::uint16_t RandomId() {
  std::uint16_t id = 0;
  (void)!::getrandom(&id, sizeof id, 0);
  return id;
}

std::string WithId(std::string packet, std::uint16_t id) {
  packet[0] = static_cast<char>(id >> 8);
  packet[1] = static_cast<char>(id & 0xff);
  return packet;
}

std::string Framed(const std::string& packet) {
  std::string text{static_cast<char>(packet.size() >> 8), static_cast<char>(packet.size() & 0xff)};
  return text += packet;
}

}  // namespace

struct Forwards::Pending {
  std::string packet;
  Query query;
  Transport transport;
  Reply reply;
  std::vector<IpAddress> upstreams;
  std::size_t next = 0;

  std::uint16_t id = 0;
  UniqueFd socket;
  std::string unsent;           // over TCP
  std::string frame, received;  // what has come, and the message once it is whole
  std::optional<EventLoop::TimerId> timer;

  std::size_t Limit() const { return transport == Transport::kUdp ? query.udp_size : kMaxMessage; }
};

Forwards::~Forwards() {
  for (const auto& pending : pending_) Leave(pending.get());
}

void Forwards::Ask(const Client& client, std::string packet, const Query& query, Transport transport, Reply reply) {
  auto pending = std::make_shared<Pending>();
  pending->packet = std::move(packet);
  pending->query = query;
  pending->transport = transport;
  pending->reply = std::move(reply);
  pending->upstreams = client.upstreams;
  if (pending_.size() >= kMaxPending) {
    return pending->reply(MakeAnswer(pending->packet, query, Code::kServerFailure, {}, pending->Limit()));
  }
  pending_.insert(pending);
  Try(pending);
}

void Forwards::Try(const std::shared_ptr<Pending>& pending) {
  while (pending->next < pending->upstreams.size()) {
    if (Send(pending, pending->upstreams[pending->next++]).ok()) {
      pending->timer = loop_->After(kPatience, [this, pending] {
        pending->timer.reset();
        Retry(pending);
      });
      return;
    }
    Leave(pending.get());
  }
  Finish(pending, MakeAnswer(pending->packet, pending->query, Code::kServerFailure, {}, pending->Limit()));
}

void Forwards::Retry(const std::shared_ptr<Pending>& pending) {
  Leave(pending.get());
  Try(pending);
}

Status Forwards::Send(const std::shared_ptr<Pending>& pending, const IpAddress& upstream) {
  const bool udp = pending->transport == Transport::kUdp;
  UniqueFd socket(::socket(upstream.family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return Errno("socket", Text(upstream));
  const auto address = SocketAddressOf(upstream, kPort);
  if (::connect(socket.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return Errno("connect", Text(upstream));
  }
  pending->id = RandomId();
  const auto packet = WithId(pending->packet, pending->id);
  pending->frame.clear();
  pending->received.clear();
  pending->unsent = udp ? std::string() : Framed(packet);
  if (udp && ::send(socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) return Errno("send", Text(upstream));
  pending->socket = std::move(socket);
  loop_->Add(pending->socket.get(), udp ? EPOLLIN : EPOLLIN | EPOLLOUT,
             [this, pending](std::uint32_t events) { OnEvent(pending, events); });
  return {};
}

void Forwards::OnEvent(const std::shared_ptr<Pending>& pending, std::uint32_t events) {
  if ((events & EPOLLOUT) && !pending->unsent.empty()) {
    const ssize_t sent = ::send(pending->socket.get(), pending->unsent.data(), pending->unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return Retry(pending);
    if (sent > 0) pending->unsent.erase(0, static_cast<std::size_t>(sent));
    if (pending->unsent.empty()) loop_->Modify(pending->socket.get(), EPOLLIN);
  }
  if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) return;
  if (!Receive(pending.get())) return Retry(pending);
  if (pending->received.empty() || !Answers(pending->received, pending->packet, pending->query, pending->id)) return;
  Finish(pending, WithId(std::move(pending->received), pending->query.id));
}

// Into `received`, once a message is whole. False: this name server is of no use.
bool Forwards::Receive(Pending* pending) {
  std::string buffer(kMaxMessage + kLengthPrefix, '\0');
  const ssize_t got = ::recv(pending->socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  buffer.resize(static_cast<std::size_t>(got));
  if (pending->transport == Transport::kUdp) {
    pending->received = std::move(buffer);
    return true;
  }
  if (got == 0) return false;
  const std::string& frame = pending->frame += buffer;
  if (frame.size() < kLengthPrefix) return true;
  const auto length = static_cast<std::size_t>(static_cast<std::uint8_t>(frame[0]) << 8 | static_cast<std::uint8_t>(frame[1]));
  if (frame.size() >= kLengthPrefix + length) pending->received = frame.substr(kLengthPrefix, length);
  return true;
}

void Forwards::Leave(Pending* pending) {
  if (pending->timer) loop_->Cancel(*std::exchange(pending->timer, std::nullopt));
  if (!pending->socket) return;
  loop_->Remove(pending->socket.get());
  pending->socket.reset();
}

void Forwards::Finish(const std::shared_ptr<Pending>& pending, std::string answer) {
  Leave(pending.get());
  pending_.erase(pending);
  // More than was asked for is cut: who wants the rest asks again over TCP.
  if (answer.size() > pending->Limit()) answer = MakeAnswer(pending->packet, pending->query, Code::kNoError, {}, 0);
  pending->reply(std::move(answer));
}

}  // namespace tsc::dns
