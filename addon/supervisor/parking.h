// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "cgroup/driver.h"
#include "runtime/launch.h"
#include "supervisor/demand.h"
#include "supervisor/event_loop.h"
#include "supervisor/host.h"
#include "supervisor/nursery.h"

namespace tsc {

// An isolated child and its cgroups, for one container to come.
struct Parked {
  Launched launched;
  std::optional<Cgroup> cgroup;
  std::vector<KernelTree> trees;  // which it was asked to make ahead
};

void EndParked(Parked* parked);

// Keeps children parked (LaunchParked), as many as there is demand for, so that a start does not wait for the kernel to make its
// namespaces. Used ones are replaced by the nursery.
class Parking {
 public:
  Parking(EventLoop* loop, Host* host, Nursery* nursery) : loop_(loop), host_(host), nursery_(nursery) {}

  // From now on some are kept.
  void Open();
  // One that a container of this specification can go on with, if there is one; those to come will have made its trees.
  std::optional<Parked> Take(const Spec& spec);
  // A container goes on: there is no rest yet.
  void Touch() { demand_.Touch(); }
  // Ends them and removes their cgroups; also those that the nursery still brings.
  void Close();

 private:
  void OnDemand();
  void OnTaken();
  void MakeNext();
  bool Ask();
  void TakeIn(const std::string& cgroup, Parked parked);
  void Drop(int pidfd);
  void RemoveLeft();

  EventLoop* loop_;
  Host* host_;
  Nursery* nursery_;
  std::deque<Parked> parked_;
  std::vector<KernelTree> trees_;  // of the container that was made last
  Demand demand_{loop_, {3, 8}, [this] { OnDemand(); }, [this] { OnTaken(); }};
  std::size_t asked_ = 0;
  std::set<std::string> left_;  // cgroups of children that never came, or could not be taken in
  std::optional<EventLoop::TimerId> left_timer_;
  std::uint64_t made_ = 0;
  bool open_ = false;
};

}  // namespace tsc
