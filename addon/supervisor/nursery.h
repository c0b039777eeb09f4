// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/launch.h"
#include "supervisor/event_loop.h"
#include "supervisor/host.h"
#include "supervisor/root_request.h"

namespace tsc {

// A small process beside the supervisor which makes what the next containers will need: children that wait for a plan (LaunchParked) with
// their cgroups, and roots. Both hold whoever makes them up for the better part of a millisecond, and a clone costs a fault for every page
// that is touched next; there, nobody waits for either. The children are the supervisor's own (CLONE_PARENT).
class Nursery {
 public:
  Nursery(EventLoop* loop, Host* host) : loop_(loop), host_(host) {}

  using OnChild = std::function<void(Result<Launched> child)>;
  // A child in cgroups of this name, which are made; in none where the name is empty. It makes these trees ahead.
  Status AskForChild(const std::string& cgroup, const std::vector<KernelTree>& trees, OnChild then);
  using OnRoot = std::function<void(Result<UniqueFd> overlay)>;
  // A container's directory of this name, and the overlay over it.
  Status AskForRoot(const std::string& directory, const RootRequest& request, OnRoot then);

  // Lets go of a mount namespace that may be the last of its mounts: they are taken down there, after some grace periods, a few together
  // within some hundredths of a second.
  void Bury(UniqueFd mounts);

  // Lets it finish what was asked for, and waits for its end.
  void Close();

 private:
  using Then = std::function<void(const Json& answer, std::vector<UniqueFd> descriptors)>;
  Status Start();
  Status Ask(Json request, Then then);
  bool TakeAnswer();
  void Lose();
  void BuryAll();

  EventLoop* loop_;
  Host* host_;
  UniqueFd pidfd_, socket_;
  std::deque<Then> asked_;  // oldest first: it answers in order
  std::vector<UniqueFd> graves_;
  std::optional<EventLoop::TimerId> mourning_;
};

}  // namespace tsc
