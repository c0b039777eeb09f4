// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "command/terminal.h"
#include "core/result.h"

namespace tsc {

// Stands in for a process that was started without --detach: forwards signals to it and, where it has a terminal, bytes both ways. Gives
// its exit status, 128 + the signal that ended it.
class Foreground {
 public:
  // Signals are held from now on, so that none is lost before Wait.
  Foreground();
  Result<int> Wait(int pidfd, std::unique_ptr<TerminalRelay> terminal);

 private:
  UniqueFd signals_;
};

}  // namespace tsc
