// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "supervisor/event_loop.h"
#include "supervisor/host.h"
#include "supervisor/parking.h"
#include "supervisor/root_parking.h"

namespace tsc {

class Background;
class Container;
class Networks;

// What a container needs of the supervisor that holds it.
struct ContainerContext {
  EventLoop* loop = nullptr;
  Host* host = nullptr;
  Background* background = nullptr;
  Networks* networks = nullptr;
  std::function<void(const std::string& type, const Container& container, Json extra)> emit;
  std::function<int(const std::string& id)> find_process;                          // pidfd of a container's first process; -1: none here
  std::function<void(const std::string& id)> forget;                               // it is gone: drop the object
  std::function<void()> reap;                                                      // something was put into the trash
  std::function<void(UniqueFd mounts)> bury;                                       // the mounts of one that is gone
  std::function<std::optional<Parked>(const Spec& spec)> take_parked;              // a child that is isolated already, if there is one
  std::function<std::optional<ParkedRoot>(const RootRequest& request)> take_root;  // a root that is mounted already, if there is one
};

}  // namespace tsc
