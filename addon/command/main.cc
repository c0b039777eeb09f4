// SPDX-License-Identifier: Apache-2.0
//
// tscontainer-runtime: the containers of this engine behind the command line of an OCI runtime (docs/guide/oci-runtime.md). Each call does
// its work and ends; what a later one has to know is in a record (record.h).
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "command/caller.h"
#include "command/cgroup_place.h"
#include "command/command_table.h"
#include "command/invocation.h"
#include "command/sealed.h"
#include "command/sentence.h"
#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/process_title.h"

namespace tsc {
namespace {

constexpr const char* kVersion = TSC_VERSION;

std::vector<Flag> GlobalFlags() {
  return {{"root", "", true},     {"log", "", true},  {"log-format", "", true},      {"debug", "", false},
          {"rootless", "", true}, {"criu", "", true}, {"systemd-cgroup", "", false}, {"version", "v", false},
          {"help", "h", false}};
}

std::string DefaultRoot() {
  const char* directory = std::getenv("XDG_RUNTIME_DIR");
  return !IsHostsRoot() && directory && *directory ? std::string(directory) + "/tscontainer-runtime" : "/run/tscontainer-runtime";
}

int Print(const std::string& text) { return WriteAll(STDOUT_FILENO, text, "stdout").ok() ? 0 : 1; }

std::string Usage() {
  std::string text =
      "usage: tscontainer-runtime [--root DIR] [--log FILE] [--log-format text|json] COMMAND [OPTIONS] [ID] [ARGUMENTS]\n\ncommands:";
  for (const auto& known : Commands()) text += std::string(" ") + known.name;
  return text + "\n";
}

Result<int> Dispatch(const Options& global, char** argv, Invocation* call, bool* is_exec) {
  if (global.is_set("systemd-cgroup")) return Refuse("--systemd-cgroup is not supported: cgroups are made by file system");
  call->root = AbsolutePath(global.get("root", DefaultRoot()));
  const auto* command = FindCommand(global.rest[0]);
  if (!command) return Refuse("unknown command \"" + global.rest[0] + "\"");
  *is_exec = command->run == ExecCommand;
  call->options = TSC_TRY(ParseOptions({global.rest.begin() + 1, global.rest.end()}, command->flags));
  if (command->enters) {
    TSC_TRY(RunSealed(argv));
    // Root of a user namespace could then not write the id maps of its children.
    if (IsHostsRoot()) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Nothing that was left open may reach a container but what --preserve-fds names.
    constexpr unsigned kCloseOnExec = 1U << 2;  // CLOSE_RANGE_CLOEXEC
    ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
  }
  return command->run(*call);
}

int Main(char** argv, const std::vector<std::string>& words) {
  Invocation call;
  const auto global = ParseOptions(words, GlobalFlags());
  if (global.ok() && global->is_set("version")) {
    return Print(std::string("tscontainer-runtime version ") + kVersion + "\nspec: " + kRuntimeSpecVersion + "\n");
  }
  if (global.ok() && (global->is_set("help") || global->rest.empty())) return Print(Usage());
  const auto logged = global.ok() ? call.log.Open(global->get("log"), global->get("log-format", "text")) : Status(global.failure());
  bool is_exec = false;
  const auto done = logged.ok() ? Dispatch(*global, argv, &call, &is_exec) : Result<int>(logged.failure());
  if (done.ok()) return *done;
  call.log.Error(Sentence(done.failure()));
  return is_exec ? 255 : 1;
}

}  // namespace
}  // namespace tsc

int main(int argc, char** argv) {
  try {
    tsc::RememberArguments(argc, argv);
    return tsc::Main(argv, {argv + 1, argv + argc});
  } catch (const std::exception& error) {  // no memory, most likely: said in a line instead of a core
    std::fprintf(stderr, "tscontainer-runtime: %s\n", error.what());
    return 1;
  }
}
