// SPDX-License-Identifier: Apache-2.0
#include "command/command_table.h"

#include "command/sentence.h"

namespace tsc {
namespace {

std::vector<Flag> Joined(std::vector<Flag> flags, const std::vector<Flag>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// --no-pivot asks for less isolation than there is, --no-subreaper for less than `run` needs of its caller: both are content with what is.
std::vector<Flag> CreateFlags() {
  return {{"bundle", "b", true},   {"console-socket", "", true},  {"pid-file", "", true},
          {"no-pivot", "", false}, {"no-new-keyring", "", false}, {"preserve-fds", "", true}};
}

std::vector<Flag> ExecFlags() {
  return {
      {"process", "p", true},      {"console-socket", "", true},   {"cwd", "", true},           {"env", "e", true},     {"tty", "t", false},
      {"user", "u", true},         {"additional-gids", "g", true}, {"pid-file", "", true},      {"detach", "d", false}, {"cap", "c", true},
      {"no-new-privs", "", false}, {"preserve-fds", "", true},     {"ignore-paused", "", false}};
}

std::vector<Flag> UpdateFlags() {
  return {{"resources", "r", true},  {"cpu-period", "", true},         {"cpu-quota", "", true},   {"cpu-burst", "", true},
          {"cpu-share", "", true},   {"cpu-idle", "", true},           {"cpuset-cpus", "", true}, {"cpuset-mems", "", true},
          {"memory", "", true},      {"memory-reservation", "", true}, {"memory-swap", "", true}, {"pids-limit", "", true},
          {"blkio-weight", "", true}};
}

}  // namespace

const std::vector<CommandEntry>& Commands() {
  static const std::vector<CommandEntry> all = {
      {"create", CreateCommand, true, CreateFlags()},
      {"run", RunCommand, true, Joined(CreateFlags(), {{"detach", "d", false}, {"keep", "", false}, {"no-subreaper", "", false}})},
      {"start", StartCommand, false, {}},
      {"state", StateCommand, false, {}},
      {"kill", KillCommand, false, {{"all", "a", false}}},
      {"delete", DeleteCommand, false, {{"force", "f", false}}},
      {"exec", ExecCommand, true, ExecFlags()},
      {"list", ListCommand, false, {{"format", "f", true}, {"quiet", "q", false}}},
      {"ps", PsCommand, false, {{"format", "f", true}}},
      {"pause", PauseCommand, false, {}},
      {"resume", ResumeCommand, false, {}},
      {"update", UpdateCommand, false, UpdateFlags()},
      {"events", EventsCommand, false, {{"interval", "", true}, {"stats", "", false}}},
      {"spec", SpecCommand, false, {{"bundle", "b", true}}},
      {"features", FeaturesCommand, false, {}},
  };
  return all;
}

const CommandEntry* FindCommand(const std::string& name) {
  for (const auto& known : Commands())
    if (name == known.name) return &known;
  return nullptr;
}

Result<std::string> Invocation::id() const {
  if (options.rest.empty()) return Refuse("the container's id is missing");
  return options.rest[0];
}

}  // namespace tsc
