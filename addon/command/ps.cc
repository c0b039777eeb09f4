// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/output.h"
#include "command/record.h"
#include "command/sentence.h"
#include "core/paths.h"

namespace tsc {
namespace {

std::string Line(const std::string& status, const std::string& key) {
  const auto at = status.find("\n" + key + ":");
  if (at == std::string::npos) return {};
  const auto start = status.find_first_not_of(" \t", at + key.size() + 2);
  return status.substr(start, status.find_first_of("\t\n", start) - start);
}

std::string CommandOf(const std::string& directory, const std::string& status) {
  auto command = ReadFileAt(AT_FDCWD, (directory + "cmdline").c_str());
  if (!command.ok() || command->empty()) return "[" + status.substr(6, status.find('\n') - 6) + "]";
  for (auto& letter : *command)
    if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
  command->erase(command->find_last_not_of(' ') + 1);
  return *command;
}

}  // namespace

Result<int> PsCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  const auto format = call.options.get("format", "table");
  if (format != "table" && format != "json") return Refuse("invalid format option \"" + format + "\"");
  if (call.options.rest.size() > 1)
    return Refuse("ps takes no options of ps(1): the table has a fixed form, and --format json gives the numbers");
  const auto pids = TSC_TRY(ContainerProcesses(place.record));
  if (format == "json") {
    TSC_TRY(PrintJson(pids));
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"UID", "PID", "PPID", "COMMAND"}};
  for (const pid_t pid : pids) {
    const auto directory = "/proc/" + std::to_string(pid) + "/";
    const auto status = ReadFileAt(AT_FDCWD, (directory + "status").c_str());
    if (status.ok()) rows.push_back({Line(*status, "Uid"), std::to_string(pid), Line(*status, "PPid"), CommandOf(directory, *status)});
  }
  TSC_TRY(PrintTable(rows));
  return 0;
}

}  // namespace tsc
