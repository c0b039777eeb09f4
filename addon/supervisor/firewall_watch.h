// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "supervisor/event_loop.h"
#include "supervisor/network_host.h"

namespace tsc {

// Hears of every change of the firewall, and says when somebody else has taken something of our tables away ("nft flush ruleset", the
// restart of a firewall service), and when somebody has changed a table that we have a rule in, or want one in.
class FirewallWatch {
 public:
  explicit FirewallWatch(EventLoop* loop) : loop_(loop) {}
  ~FirewallWatch() { Close(); }
  FirewallWatch(const FirewallWatch&) = delete;
  FirewallWatch& operator=(const FirewallWatch&) = delete;

  struct Listener {
    std::function<void()> damaged, others;
  };
  Status Open(const NetworkHost& network, Listener listener);
  void Close();

 private:
  void OnChange();
  enum class Change { kNone, kOthers, kDamage };
  Change Largest(std::string_view datagram) const;
  Change ChangeOf(int type, std::uint8_t family, const std::string& table) const;
  // Whoever sets up a firewall says much at once.
  void TellOthersSoon();

  EventLoop* loop_;
  UniqueFd socket_;
  std::string table_;
  std::uint32_t ours_ = 0;  // whose changes are no damage
  Listener listener_;
  std::optional<EventLoop::TimerId> soon_;
};

}  // namespace tsc
