// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// A process beside the supervisor that does as it is told, and says nothing unless it may: forked when it is first told something, and made
// anew, and told all of it again, should somebody kill it.
class CompanionProcess {
 public:
  using Obey = std::function<void(const Json& message, std::vector<UniqueFd> descriptors)>;
  struct Parts {
    // In the child: sets up what it is, and gives what is done with each message; `take_all` does that with those that are there.
    std::function<Obey(EventLoop* loop, std::function<void()> take_all)> begin;
    // In the parent: tells a new one everything.
    std::function<void()> tell_all;
    // Whether a new one is needed when one has died.
    std::function<bool()> wanted;
    // In the parent: hears what the child says. Without it whatever comes is the end.
    std::function<void(const Json& message)> hear = {};
    // In the child, before it begins: how to say something.
    std::function<void(std::function<void(const Json& message)> say)> speak = {};
    // Descriptors that the child keeps.
    std::vector<int> keep;
    const char* title = "";
  };
  CompanionProcess(EventLoop* loop, Parts parts) : loop_(loop), parts_(std::move(parts)) {}

  bool running() const { return static_cast<bool>(socket_); }
  Status Start();
  void Tell(const Json& message, const std::vector<int>& descriptors);
  // Waits for its end.
  void Close();

 private:
  [[noreturn]] void Run(int socket);
  void OnEvent();
  void Lose();

  EventLoop* loop_;
  Parts parts_;
  UniqueFd pidfd_, socket_;
};

}  // namespace tsc
