// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

struct RootlessMaps {
  std::string id_map;  // "subids" or "single"
  unsigned mapped_ids = 1;
  bool own = false;    // "subids" are the ids of the namespace that we are in, which we may map ourselves: a container's root
  std::string reason;  // why there is only a single one, of those that could be had
};

// Which ids this user may map, by /etc/subuid, /etc/subgid and the helpers that may write such maps.
RootlessMaps FindRootlessMaps();

// In the process that is to become the rootless supervisor: a user namespace where the caller is root. A forked helper outside writes
// the maps, with newuidmap(1) by its absolute path where there are several ids. Where that is refused the single id has to do: returns what
// it came to. Must come before the process makes itself undumpable.
Result<RootlessMaps> EnterUserNamespace(RootlessMaps maps);

// The same with one that this user has made before.
Result<RootlessMaps> JoinUserNamespace(const UniqueFd& user_namespace);

}  // namespace tsc
