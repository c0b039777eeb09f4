// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "network/dns_answer.h"
#include "network/dns_policy.h"
#include "supervisor/dns_forward.h"
#include "supervisor/event_loop.h"

namespace tsc {

// Answers the queries that containers send to 127.0.0.11: names of containers by itself, all others by asking name servers of the host.
// It parses bytes of containers and of strangers, so it runs in a process that can do nothing else.
class DnsServer {
 public:
  // What the process that it works for decides and hears, where there are egress policies.
  struct Gate {
    // Opens the way to what a name has led to, as far as it may be; then the client is told.
    std::function<void(const std::string& client, const std::string& name, std::vector<dns::Resolved> found,
                       std::function<void(std::vector<dns::Resolved> opened)> then)>
        open;
    // A name that it may not ask for.
    std::function<void(const std::string& client, const std::string& name, dns::Transport transport)> refused;
  };
  // `catch_up` is called before a question is answered: what was told before it was asked holds for it.
  explicit DnsServer(
      EventLoop* loop, std::function<void()> catch_up = [] {}, Gate gate = {});
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
  // Holds the connection until it is done: what it is called with may be the last that does.
  void Close(const std::shared_ptr<Served>& client, std::shared_ptr<Connection> connection);
  void Handle(const std::shared_ptr<Served>& client, std::string packet, dns::Transport transport, dns::Reply reply);

  void Ask(const std::shared_ptr<Served>& client, std::string packet, const dns::Query& query, dns::Transport transport, dns::Reply reply);
  void OpenWay(const std::shared_ptr<Served>& client, const std::string& packet, const dns::Query& query, std::size_t limit,
               const std::string& answer, const dns::Reply& reply);

  EventLoop* loop_;
  std::function<void()> catch_up_;
  Gate gate_;
  dns::Names names_;
  std::map<std::string, std::shared_ptr<Served>> clients_;
};

}  // namespace tsc
