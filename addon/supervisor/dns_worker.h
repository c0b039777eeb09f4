// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "network/dns_policy.h"
#include "supervisor/companion_process.h"
#include "supervisor/egress.h"
#include "supervisor/event_loop.h"
#include "supervisor/host.h"

namespace tsc {

// The process in which a DnsServer runs: forked when the first container wants one, and made anew, with all it has to know, should
// somebody kill it. It has the host's network, for the name servers there, and nothing else.
class DnsWorker {
 public:
  // `egress` decides what names may lead to; without it no client is to have a policy.
  DnsWorker(EventLoop* loop, const Host* host, Egress* egress = nullptr);

  // `udp` and `tcp`: sockets in the container's network namespace, bound; the second one listens.
  void Serve(const std::string& container, dns::Client client, UniqueFd udp, UniqueFd tcp);
  // It is on these networks now, and may ask for these names.
  void Limit(const std::string& container, const std::vector<std::string>& networks, std::optional<std::vector<EgressName>> allowed);
  void Leave(const std::string& container);
  void Name(const dns::Endpoint& endpoint);
  void Forget(const std::string& network, const std::string& container);

  // Waits for its end.
  void Close();

 private:
  struct Served {
    dns::Client client;
    UniqueFd udp, tcp;
  };

  Status Start();
  void Hear(const Json& message);
  void Tell(const Json& message, const std::vector<int>& descriptors);
  void TellOf(const std::string& container, const Served& served);
  void TellAll();

  EventLoop* loop_;
  const Host* host_;
  Egress* egress_;
  UniqueFd empty_;  // the directory that is all it sees
  std::optional<CompanionProcess> process_;
  std::optional<EventLoop::TimerId> end_;  // of a process that serves nobody
  std::map<std::string, Served> clients_;
  std::map<std::pair<std::string, std::string>, dns::Endpoint> endpoints_;  // by network and container
};

}  // namespace tsc
