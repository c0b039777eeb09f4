// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "command/arguments.h"
#include "command/log.h"
#include "core/result.h"

namespace tsc {

// One call of the command: what all subcommands are told, and their own options.
struct Invocation {
  std::string root;  // where the containers' records are
  Log log;
  Options options;

  // The id every command but list, spec and features takes first.
  Result<std::string> id() const;
};

// Gives the exit status.
using Subcommand = Result<int> (*)(const Invocation&);

Result<int> CreateCommand(const Invocation&);
Result<int> RunCommand(const Invocation&);
Result<int> StartCommand(const Invocation&);
Result<int> StateCommand(const Invocation&);
Result<int> KillCommand(const Invocation&);
Result<int> DeleteCommand(const Invocation&);
Result<int> ExecCommand(const Invocation&);
Result<int> ListCommand(const Invocation&);
Result<int> PsCommand(const Invocation&);
Result<int> PauseCommand(const Invocation&);
Result<int> ResumeCommand(const Invocation&);
Result<int> UpdateCommand(const Invocation&);
Result<int> EventsCommand(const Invocation&);
Result<int> SpecCommand(const Invocation&);
Result<int> FeaturesCommand(const Invocation&);

}  // namespace tsc
