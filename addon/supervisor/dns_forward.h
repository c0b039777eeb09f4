// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "network/dns_policy.h"
#include "supervisor/event_loop.h"

namespace tsc::dns {

enum class Transport { kUdp, kTcp };
using Reply = std::function<void(std::string answer)>;

// The queries of one client that are being asked elsewhere. Each has a socket, with a port and an id of its own, so that who is to
// forge an answer has to guess both.
class Forwards {
 public:
  explicit Forwards(EventLoop* loop) : loop_(loop) {}
  ~Forwards();

  // One name server after the other; the reply is an answer in any case.
  void Ask(const Client& client, std::string packet, const Query& query, Transport transport, Reply reply);

 private:
  struct Pending;

  void Try(const std::shared_ptr<Pending>& pending);
  void Retry(const std::shared_ptr<Pending>& pending);
  Status Send(const std::shared_ptr<Pending>& pending, const IpAddress& upstream);
  void OnEvent(const std::shared_ptr<Pending>& pending, std::uint32_t events);
  bool Receive(Pending* pending);
  void Leave(Pending* pending);
  void Finish(const std::shared_ptr<Pending>& pending, std::string answer);

  EventLoop* loop_;
  std::set<std::shared_ptr<Pending>> pending_;
};

}  // namespace tsc::dns
