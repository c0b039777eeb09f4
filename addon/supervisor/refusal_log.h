// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "network/refused_packet.h"
#include "supervisor/event_loop.h"
#include "supervisor/network_host.h"

namespace tsc {

// Hears of the packets that the rules of egress policies have refused (nfnetlink_log), by a group that nobody else listens to.
class RefusalLog {
 public:
  using Heard = std::function<void(const RefusedPacket& packet)>;
  RefusalLog(EventLoop* loop, Heard heard) : loop_(loop), heard_(std::move(heard)) {}
  ~RefusalLog() { Close(); }
  RefusalLog(const RefusalLog&) = delete;
  RefusalLog& operator=(const RefusalLog&) = delete;

  // The group, from the first time on the same.
  Result<std::uint16_t> Open(const NetworkHost& network);
  void Close();

 private:
  void OnPackets();

  EventLoop* loop_;
  Heard heard_;
  UniqueFd socket_;
  std::uint16_t group_ = 0;
};

}  // namespace tsc
