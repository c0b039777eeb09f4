// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "command/arguments.h"
#include "command/invocation.h"

namespace tsc {

struct CommandEntry {
  const char* name;
  Subcommand run;
  bool enters;  // makes or joins namespaces
  std::vector<Flag> flags;
};

// Names and flags are those of runc(8).
const std::vector<CommandEntry>& Commands();
const CommandEntry* FindCommand(const std::string& name);

}  // namespace tsc
