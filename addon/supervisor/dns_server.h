// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "network/dns_policy.h"
#include "supervisor/dns_forward.h"
#include "supervisor/event_loop.h"

namespace tsc {

// Answers the queries that containers send to 127.0.0.11: names of containers by itself, all others by asking name servers of the host.
// It parses bytes of containers and of strangers, so it runs in a process that can do nothing else.
class DnsServer {
 public:
  // `catch_up` is called before a question is answered: what was told before it was asked holds for it.
  explicit DnsServer(
      EventLoop* loop, std::function<void()> catch_up = [] {});
  ~DnsServer();

  // Sockets made in the container's network namespace: bound, and the second one listening. An earlier client of that id goes.
  void AddClient(const std::string& id, dns::Client client, UniqueFd udp, UniqueFd tcp);
  void UpdateClient(const std::string& id, dns::Client client);
  void RemoveClient(const std::string& id);
  dns::Names* names() { return &names_; }

 private:
  struct Connection;
  struct Served;

  void OnDatagrams(const std::shared_ptr<Served>& client);
  void OnConnections(const std::shared_ptr<Served>& client);
  void OnConnection(const std::shared_ptr<Served>& client, const std::shared_ptr<Connection>& connection);
  // False: the connection is of no use any more.
  bool TakeRequests(const std::shared_ptr<Served>& client, const std::shared_ptr<Connection>& connection);
  void Close(const std::shared_ptr<Served>& client, const std::shared_ptr<Connection>& connection);
  void Handle(const std::shared_ptr<Served>& client, std::string packet, dns::Transport transport, dns::Reply reply);

  EventLoop* loop_;
  std::function<void()> catch_up_;
  dns::Names names_;
  std::map<std::string, std::shared_ptr<Served>> clients_;
};

}  // namespace tsc
