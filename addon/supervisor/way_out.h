// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "supervisor/event_loop.h"
#include "supervisor/host.h"
#include "supervisor/way_out_keeper.h"

namespace tsc {

// What leads from the engine's own network namespace to the outside, where there is no root: pasta, else slirp4netns, else nothing. One is
// for all who hold that namespace, whoever of them began it, until the last of them leaves. It is made anew when it dies; where the host
// lacks what it needs that is asked again from time to time.
class WayOut {
 public:
  WayOut(EventLoop* loop, const Host* host) : loop_(loop), host_(host) {}

  // `then` is called when there is one, or none is to be had.
  void Open(int network_namespace, std::function<void()> then);
  // Waits for its end, unless others need it.
  void Close();

 private:
  void Start(std::size_t candidate);
  Result<WayOutKeeper> FindOrStart(const WayOutProgram& program);
  void Hear(std::size_t candidate);
  void Settle();
  void StartLater(std::chrono::milliseconds delay);
  void End();

  EventLoop* loop_;
  const Host* host_;
  int network_namespace_ = -1;
  bool settled_ = false, ready_ = false;
  std::vector<WayOutProgram> programs_;
  std::optional<WayOutKeeper> keeper_;
  std::optional<EventLoop::TimerId> timer_;
  std::vector<std::function<void()>> waiting_;
};

// Of a supervisor that was killed, when nobody holds its networks.
void ForgetWayOut(const Host& host);

}  // namespace tsc
