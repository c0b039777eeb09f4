// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "cgroup/driver.h"
#include "runtime/launch.h"
#include "supervisor/event_loop.h"
#include "supervisor/host.h"

namespace tsc {

// An isolated child and its cgroups, for one container to come.
struct Parked {
  Launched launched;
  std::optional<Cgroup> cgroup;
};

void EndParked(Parked* parked);

// Keeps a few children parked (LaunchParked), so that a start does not wait for the kernel to make its namespaces. Used ones are
// replaced while their container does its mounts, that is, while nobody waits for us.
class Parking {
 public:
  Parking(EventLoop* loop, Host* host) : loop_(loop), host_(host) {}

  // From now on some are kept.
  void Open();
  std::optional<Parked> Take();
  // Ends them and removes their cgroups.
  void Close();

 private:
  void Fill();
  bool Park();
  void Drop(int pidfd);

  EventLoop* loop_;
  Host* host_;
  std::deque<Parked> parked_;
  std::uint64_t made_ = 0;
  bool open_ = false;
  bool filling_ = false;
};

}  // namespace tsc
