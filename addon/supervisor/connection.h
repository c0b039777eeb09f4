// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/event_loop.h"
#include "supervisor/host_terminal.h"
#include "supervisor/packet.h"
#include "supervisor/reply.h"

namespace tsc {

// One Node environment. Containers are owned by it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using OnPacket = std::function<void(Packet)>;
  using OnClose = std::function<void()>;

  Connection(EventLoop* loop, UniqueFd socket) : loop_(loop), socket_(std::move(socket)) {}
  ~Connection() { Close(); }

  void Watch(OnPacket on_packet, OnClose on_close);
  // Queues when the peer does not read. The descriptors are copied, the caller's stay its own.
  void Send(std::string_view text, const std::vector<int>& descriptors = {});
  void Close();

  // What is sent while one of these lives goes as lines of one packet, at its end: fewer calls, and one wake-up of the peer.
  class Together {
   public:
    // Of nobody, too.
    explicit Together(std::shared_ptr<Connection> connection);
    ~Together();
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;

   private:
    std::shared_ptr<Connection> connection_;
  };

  bool wants_events = false;
  std::optional<HostTerminal> terminal;  // while it is bridged

 private:
  void Receive(std::uint32_t events);
  void Refuse(const Packet& packet);
  void SendNow(std::string_view text, const std::vector<int>& descriptors);
  void SendGathered();
  void Flush();
  void Drop();

  struct Outgoing {
    std::string text;
    std::vector<UniqueFd> descriptors;
  };

  EventLoop* loop_;
  UniqueFd socket_;
  OnPacket on_packet_;
  OnClose on_close_;
  std::deque<Outgoing> queue_;
  int together_ = 0;
  std::string gathered_;
};

}  // namespace tsc
