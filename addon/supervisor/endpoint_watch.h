// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "supervisor/event_loop.h"
#include "supervisor/network_records.h"

namespace tsc {

// Follows the endpoints of a run directory, whichever process makes them: a detached container's name has to be known to the others.
class EndpointWatch {
 public:
  using Came = std::function<void(const EndpointRecord& endpoint)>;
  EndpointWatch(EventLoop* loop, const Host* host, Came came, Came went)
      : loop_(loop), host_(host), came_(std::move(came)), went_(std::move(went)) {}
  ~EndpointWatch();

  // All that are there now are told of too, and who has other names than before. Doing it again does nothing.
  Status Start();
  // Now, without waiting for the kernel to tell.
  void Refresh();

 private:
  bool IsThere(const EndpointRecord& endpoint) const;
  void OnEvents();
  void Look();

  EventLoop* loop_;
  const Host* host_;
  Came came_, went_;
  UniqueFd inotify_;
  std::map<std::string, EndpointRecord> known_;  // by port
  std::set<std::string> changed_;                // ports whose records were written again
};

}  // namespace tsc
