// SPDX-License-Identifier: Apache-2.0
#include "supervisor/port_forwarder.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

#include "network/socket_address.h"
#include "runtime/inside_sockets.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxRelays = 4096, kMaxSessions = 1024;  // of one port
constexpr int kAtOnce = 64;
constexpr std::chrono::milliseconds kPause(100);  // when there is no descriptor left
constexpr std::chrono::seconds kSessionIdle(60);  // as the kernel keeps what it translates
constexpr std::size_t kLargestDatagram = 65'536;

// In the container's network namespace, on its way to the port.
Result<UniqueFd> Connect(const ForwardTarget& target, int type) {
  auto sockets = TSC_TRY(OpenSocketsInside(target.pidfd.get(), {target.address.family}, type));
  const auto address = SocketAddressOf(target.address, target.port);
  if (::connect(sockets[0].get(), address.get(), address.size) != 0 && errno != EINPROGRESS) return Errno("connect", Text(target.address));
  // Within one namespace the answer is there when the call returns.
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(sockets[0].get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0)
    return Fail("connect", error, Text(target.address));
  return std::move(sockets[0]);
}

}  // namespace

struct PortForwarder::Session {
  UniqueFd socket;
  std::string sender;  // its sockaddr
  std::weak_ptr<Port> target;
  EventLoop::TimerId timer = 0;
};

struct PortForwarder::Port {
  UniqueFd socket;
  ForwardTarget target;
  bool datagrams = false;
  std::set<std::shared_ptr<StreamRelay>> relays;
  std::map<std::string, std::shared_ptr<Session>> sessions;
};

void PortForwarder::Open(const std::string& id, bool datagrams, UniqueFd socket, ForwardTarget target) {
  Close(id);
  auto port = std::make_shared<Port>();
  port->socket = std::move(socket);
  port->target = std::move(target);
  port->datagrams = datagrams;
  const std::weak_ptr<Port> weak = port;
  loop_->Add(port->socket.get(), EPOLLIN, [this, weak, datagrams](std::uint32_t) {
    const auto held = weak.lock();
    if (held) datagrams ? TakeDatagrams(held) : Accept(held);
  });
  ports_[id] = std::move(port);
}

void PortForwarder::Receive(const std::string& id, bool receives) {
  if (const auto found = ports_.find(id); found != ports_.end()) found->second->target.receives = receives;
}

std::vector<std::shared_ptr<PortForwarder::Port>> PortForwarder::TargetsOf(const PortPtr& port) {
  if (port->target.share.empty()) return {port};
  std::vector<PortPtr> receiving, others;
  for (const auto& [id, other] : ports_)
    if (other->target.share == port->target.share) (other->target.receives ? receiving : others).push_back(other);
  for (auto* targets : {&receiving, &others})
    if (!targets->empty()) std::rotate(targets->begin(), targets->begin() + static_cast<long>(turn_ % targets->size()), targets->end());
  ++turn_;
  receiving.insert(receiving.end(), others.begin(), others.end());
  return receiving;
}

Result<UniqueFd> PortForwarder::ConnectToOne(const PortPtr& port, int type, PortPtr* target) {
  Result<UniqueFd> inside = Fail("connect", ECONNREFUSED);
  for (auto& candidate : TargetsOf(port)) {
    inside = Connect(candidate->target, type);
    *target = std::move(candidate);
    if (inside.ok()) break;
  }
  return inside;
}

void PortForwarder::Close(const std::string& id) {
  const auto found = ports_.find(id);
  if (found == ports_.end()) return;
  const auto port = std::move(found->second);
  ports_.erase(found);
  loop_->Remove(port->socket.get());
  if (!port->target.share.empty() && !port->datagrams) Accept(port);
  const auto relays = std::exchange(port->relays, {});
  for (const auto& relay : relays) relay->Close();
  while (!port->sessions.empty()) Expire(port, port->sessions.begin()->second);
}

void PortForwarder::Accept(const std::shared_ptr<Port>& port) {
  for (int i = 0; i < kAtOnce; ++i) {
    UniqueFd outside(::accept4(port->socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!outside && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
      loop_->Modify(port->socket.get(), 0);
      loop_->After(kPause, [this, weak = std::weak_ptr(port)] {
        if (const auto held = weak.lock()) loop_->Modify(held->socket.get(), EPOLLIN);
      });
    }
    if (!outside) return;
    Relay(port, std::move(outside));
  }
}

// It is the target's: with that it ends, whoever has taken it.
void PortForwarder::Relay(const PortPtr& port, UniqueFd outside) {
  PortPtr target;
  auto inside = ConnectToOne(port, SOCK_STREAM, &target);
  if (!inside.ok()) {
    const linger now{1, 0};
    (void)::setsockopt(outside.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return;
  }
  if (target->relays.size() >= kMaxRelays) return;
  const auto slot = std::make_shared<std::weak_ptr<StreamRelay>>();
  auto relay = StreamRelay::Start(loop_, std::move(outside), std::move(*inside), [weak = std::weak_ptr(target), slot] {
    if (const auto held = weak.lock()) held->relays.erase(slot->lock());
  });
  if (!relay.ok()) return;
  *slot = *relay;
  target->relays.insert(std::move(*relay));
}

void PortForwarder::TakeDatagrams(const std::shared_ptr<Port>& port) {
  std::string data(kLargestDatagram, '\0');
  for (int i = 0; i < kAtOnce; ++i) {
    SocketAddress sender;
    const ssize_t got = ::recvfrom(port->socket.get(), data.data(), data.size(), MSG_DONTWAIT, sender.get(), &sender.size);
    if (got < 0) return;
    const auto session = SessionOf(port, std::string(reinterpret_cast<const char*>(&sender.storage), sender.size));
    if (session) (void)!::send(session->socket.get(), data.data(), static_cast<std::size_t>(got), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}

std::shared_ptr<PortForwarder::Session> PortForwarder::SessionOf(const std::shared_ptr<Port>& port, const std::string& sender) {
  if (const auto found = port->sessions.find(sender); found != port->sessions.end() && found->second->target.expired())
    Expire(port, std::shared_ptr(found->second));
  auto& session = port->sessions[sender];
  const std::weak_ptr<Port> weak_port = port;
  if (!session) {
    PortPtr target;
    auto socket =
        port->sessions.size() <= kMaxSessions ? ConnectToOne(port, SOCK_DGRAM, &target) : Result<UniqueFd>(Fail("connect", EMFILE));
    if (!socket.ok()) {
      port->sessions.erase(sender);
      return nullptr;
    }
    session = std::make_shared<Session>();
    session->socket = std::move(*socket);
    session->sender = sender;
    session->target = target;
    const std::weak_ptr<Session> weak = session;
    loop_->Add(session->socket.get(), EPOLLIN, [this, weak_port, weak](std::uint32_t) {
      const auto held = weak_port.lock();
      const auto own = weak.lock();
      if (held && own) Answer(held, own);
    });
  } else {
    loop_->Cancel(session->timer);
  }
  auto own = session;
  own->timer = loop_->After(kSessionIdle, [this, weak_port, weak = std::weak_ptr(own)] {
    const auto held = weak_port.lock();
    const auto idle = weak.lock();
    if (held && idle) Expire(held, idle);
  });
  return own;
}

void PortForwarder::Answer(const std::shared_ptr<Port>& port, const std::shared_ptr<Session>& session) {
  std::string data(kLargestDatagram, '\0');
  for (int i = 0; i < kAtOnce; ++i) {
    const ssize_t got = ::recv(session->socket.get(), data.data(), data.size(), MSG_DONTWAIT);
    if (got < 0) return;
    (void)!::sendto(port->socket.get(), data.data(), static_cast<std::size_t>(got), MSG_DONTWAIT | MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(session->sender.data()), static_cast<socklen_t>(session->sender.size()));
  }
}

void PortForwarder::Expire(const std::shared_ptr<Port>& port, const std::shared_ptr<Session>& session) {
  loop_->Cancel(session->timer);
  loop_->Remove(session->socket.get());
  port->sessions.erase(session->sender);
}

}  // namespace tsc
