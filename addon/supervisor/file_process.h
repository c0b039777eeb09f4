// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "supervisor/event_loop.h"
#include "supervisor/packet.h"

namespace tsc {

// A forked child that stays, and speaks in packets over a socket pair. It ends with this object, with its supervisor, or when it likes to.
class FileProcess {
 public:
  // Runs in the child, which exits when it returns.
  using Child = std::function<void(int socket)>;
  struct Handlers {
    std::function<void(Packet packet)> on_packet;
    std::function<void()> on_end;  // it is gone; the object may be destroyed in it
  };

  static Result<std::unique_ptr<FileProcess>> Start(EventLoop* loop, std::vector<int> keep, const char* title, const Child& child,
                                                    Handlers handlers);
  ~FileProcess();

  Status Send(const std::string& text) { return SendPacket(socket_.get(), text, {}); }
  void Kill();
  int pidfd() const { return pidfd_.get(); }

 private:
  FileProcess(EventLoop* loop, Handlers handlers) : loop_(loop), handlers_(std::move(handlers)) {}
  void OnPacket();
  void OnEnd();

  EventLoop* loop_;
  Handlers handlers_;
  UniqueFd pidfd_, socket_;
};

// For the child: waits for the next packet. False: nobody will send one any more.
bool AwaitPacket(int socket, Packet* packet);

}  // namespace tsc
