// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "supervisor/event_loop.h"
#include "supervisor/network_host.h"

namespace tsc {

// Hears of every change of the firewall, and says when somebody else has taken something of our tables away ("nft flush ruleset", the
// restart of a firewall service).
class FirewallWatch {
 public:
  explicit FirewallWatch(EventLoop* loop) : loop_(loop) {}
  ~FirewallWatch() { Close(); }
  FirewallWatch(const FirewallWatch&) = delete;
  FirewallWatch& operator=(const FirewallWatch&) = delete;

  Status Open(const NetworkHost& network, std::function<void()> damaged);
  void Close();

 private:
  void OnChange();
  bool IsDamage(std::string_view datagram) const;

  EventLoop* loop_;
  UniqueFd socket_;
  std::string table_;
  std::uint32_t ours_ = 0;  // whose changes are no damage
  std::function<void()> damaged_;
};

}  // namespace tsc
