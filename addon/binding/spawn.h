// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace tsc::binding {

struct SpawnOptions {
  std::string executable;
  std::vector<std::string> arguments;    // without argv[0]; the ready pipe is descriptor 3
  std::vector<std::string> environment;  // the whole of it, "NAME=value"
  bool keep_stderr = false;
  int timeout_ms = 10'000;
};

// Starts the supervisor from a sealed memfd (or, where the kernel refuses that, from the verified file itself) in a session of its own,
// and waits until it wrote its ready line and its first process ended. Blocks: not for the loop's thread. ETIMEDOUT, EPROTO if it said
// nothing.
Result<std::string> SpawnSupervisor(const SpawnOptions& options);

}  // namespace tsc::binding
