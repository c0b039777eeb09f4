// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "runtime/launch.h"
#include "supervisor/host.h"

namespace tsc {

// A small process beside the supervisor which clones the children that wait for a container (LaunchParked), with their cgroups. A clone
// holds whoever asks for it up for the better part of a millisecond, and costs it a fault for every page it touches next; there, nobody
// waits for either. The children are the supervisor's own (CLONE_PARENT).
class Nursery {
 public:
  Nursery() = default;
  static Result<Nursery> Start(const Host& host);

  // Asks for one more, in cgroups of this name.
  Status Ask(const std::string& cgroup);
  int asked() const { return static_cast<int>(asked_.size()); }

  // Readable when a child is there, or when the nursery is gone.
  int fd() const { return socket_.get(); }
  // EAGAIN: none yet. EPIPE: gone. Anything else is why there is none; the next one may do.
  struct Born {
    Launched launched;
    std::string cgroup;
  };
  Result<Born> Take();

  // Lets it finish what was asked for, and waits for its end. What it still made is to be taken.
  void Close();

 private:
  UniqueFd pidfd_, socket_;
  std::deque<std::string> asked_;  // oldest first: it answers in order
};

}  // namespace tsc
