// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/dns_answer.h"
#include "supervisor/network_host.h"
#include "supervisor/refusal_log.h"

namespace tsc {

// The egress policies of our containers: which names lead out, and what was refused. Docs/decisions/0029.
class Egress {
 public:
  // Where a container is on one network that has a policy for it.
  struct Place {
    std::vector<IpAddress> addresses;
    IpAddress link_local;
    EgressPolicy policy;
  };
  using Refused = std::function<void(const std::string& container, Json destination)>;
  Egress(EventLoop* loop, NetworkHost* network);

  void OnRefused(Refused refused) { refused_ = std::move(refused); }
  // Who is told of what the rules refuse.
  Result<std::uint16_t> Listen();
  // From now on these hold. What earlier ones have let names lead to, and these do not, is closed.
  Status Police(const std::string& container, std::vector<Place> places);
  // Before its addresses are anybody else's.
  void Leave(const std::string& container);

  // Opens the way to where a name leads, as far as it may be; gives what its container may know of it.
  std::vector<dns::Resolved> Open(const std::string& container, const std::string& name, const std::vector<dns::Resolved>& found);
  void RefuseName(const std::string& container, const std::string& name, const std::string& protocol);
  void Close() { log_.Close(); }

 private:
  using Clock = std::chrono::system_clock;  // of the records: it goes on while others take over
  struct Learned {
    EgressFlow flow;
    std::vector<std::string> names;
    Clock::time_point until;
  };
  struct Client {
    std::vector<Place> places;
    std::vector<Learned> learned;
  };

  void OnPacket(const RefusedPacket& packet);
  // True: the kernel has to be told.
  bool Learn(Client* client, const EgressFlow& flow, const std::string& name, std::chrono::seconds time);
  Status Forget(const std::string& container, Client* client, const std::function<bool(const Learned& learned)>& which);
  Status Write(const std::string& container, const Client& client) const;
  static bool Holds(const Client& client, const Learned& learned);

  NetworkHost* network_;
  RefusalLog log_;
  Refused refused_;
  std::map<std::string, Client> clients_;
};

}  // namespace tsc
