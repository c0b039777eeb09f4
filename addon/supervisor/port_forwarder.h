// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "network/ip_address.h"
#include "supervisor/event_loop.h"
#include "supervisor/stream_relay.h"

namespace tsc {

// Where a port leads: an address in the network namespace of a process.
struct ForwardTarget {
  UniqueFd pidfd;
  IpAddress address;
  std::uint16_t port = 0;
  std::string share;  // of the port of the host, where several lead to it
  bool receives = true;
};

// Takes connections and datagrams on ports of the host, and makes them again inside: where nothing can translate addresses. Runs in a
// process of its own, since what it carries is none of the supervisor's business.
class PortForwarder {
 public:
  explicit PortForwarder(EventLoop* loop) : loop_(loop) {}

  // A socket that listens, or of datagrams that is bound.
  void Open(const std::string& id, bool datagrams, UniqueFd socket, ForwardTarget target);
  // Whether new connections of the share come to that target, as long as they come to another one.
  void Receive(const std::string& id, bool receives);
  // Of a share what has come already goes to another one.
  void Close(const std::string& id);

 private:
  struct Port;
  struct Session;

  using PortPtr = std::shared_ptr<Port>;
  // Where a connection goes, the best one first; its own alone where it is not shared.
  std::vector<PortPtr> TargetsOf(const PortPtr& port);
  // To the first target that takes it, which is told.
  Result<UniqueFd> ConnectToOne(const PortPtr& port, int type, PortPtr* target);
  void Relay(const PortPtr& port, UniqueFd outside);
  void Accept(const std::shared_ptr<Port>& port);
  void TakeDatagrams(const std::shared_ptr<Port>& port);
  std::shared_ptr<Session> SessionOf(const std::shared_ptr<Port>& port, const std::string& sender);
  void Answer(const std::shared_ptr<Port>& port, const std::shared_ptr<Session>& session);
  void Expire(const std::shared_ptr<Port>& port, const std::shared_ptr<Session>& session);

  EventLoop* loop_;
  std::map<std::string, std::shared_ptr<Port>> ports_;
  std::size_t turn_ = 0;
};

}  // namespace tsc
