// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// The terminal of a Node process that bridges it to a container, and what it was like before: kept here for when that process is killed.
class HostTerminal {
 public:
  // `settings`: the flags of input, output, control and local modes, then the control characters. Step "keep terminal".
  static Result<HostTerminal> Keep(UniqueFd terminal, const Json& settings);

  // Unless it is raw no longer: whoever has it now has set it.
  void GiveBack() const;

 private:
  HostTerminal(UniqueFd terminal, const termios& settings) : terminal_(std::move(terminal)), settings_(settings) {}

  UniqueFd terminal_;
  termios settings_;
};

}  // namespace tsc
