// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "supervisor/host.h"

namespace tsc {

// The root of a container that is stopped, as its next start would mount it, without what is mounted in it.
struct StoredRoot {
  std::string id;
  std::vector<std::string> layers;
  bool user_namespace = false;
  bool durable = false;  // what is written has to survive a power failure
};

// Mounts it as the root of a mount namespace of our own, for others to join (files/file_root.h). For a child of a fork, which then waits
// for its end. Nobody else may have it mounted meanwhile.
Status HoldStoredRoot(const Host& host, const StoredRoot& root);

}  // namespace tsc
