// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "network/ip_address.h"
#include "supervisor/companion_process.h"
#include "supervisor/port_claim.h"

namespace tsc {

// The process in which a PortForwarder runs.
class PortWorker {
 public:
  explicit PortWorker(EventLoop* loop) : loop_(loop) {}

  struct Forwarding {
    PortRequest port;   // with the number it got
    UniqueFd socket;    // listens, or is bound
    UniqueFd pidfd;     // of a process in the container's network namespace
    IpAddress address;  // the container's
    bool receives = true;
  };
  void Open(const std::string& endpoint, Forwarding forwarding);
  // Whether new connections of ports that it shares come to that endpoint, as long as they come to another one.
  void Receive(const std::string& endpoint, bool receives);
  // Whether others of its share have it already. EADDRINUSE: another share has it.
  Result<bool> IsShared(const PortRequest& port) const;
  // The one on which connections of its share come already, once more: who leaves takes none along. Of datagrams each has its own, since
  // the kernel then leads those of one sender to one of them.
  UniqueFd ListenerOf(const PortRequest& port) const;
  // All of an endpoint; the ports are free then.
  void Close(const std::string& endpoint);
  // Waits for its end.
  void Close();

 private:
  Status Start();
  const Forwarding* FindShared(const PortRequest& port, const std::string& but = {}) const;
  void TellOf(const std::string& id, const Forwarding& forwarding);

  EventLoop* loop_;
  std::map<std::string, Forwarding> ports_;  // by endpoint, and a number
  std::uint64_t next_ = 0;
  std::optional<CompanionProcess> process_;
};

}  // namespace tsc
