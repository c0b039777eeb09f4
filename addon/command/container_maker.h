// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cgroup/driver.h"
#include "command/bundle.h"
#include "command/invocation.h"
#include "command/record.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/launch.h"

namespace tsc {

struct MakeOptions {
  std::string id, bundle, console_socket, pid_file;
  unsigned preserved = 0;
  bool own_keyring = true;
  bool keeps_terminal = false;  // a terminal without console socket stays here
};

struct MadeContainer {
  RecordPlace place;
  UniqueFd process;   // pidfd of its first process, a child of ours
  UniqueFd terminal;  // with keeps_terminal
};

// All of "create": the record, the cgroup, the process that waits to be started, the hooks on the way. Undoes everything when it fails.
Result<MadeContainer> MakeContainer(const Invocation& call, const MakeOptions& options);

}  // namespace tsc
