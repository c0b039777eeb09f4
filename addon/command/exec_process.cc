// SPDX-License-Identifier: Apache-2.0
#include "command/exec_process.h"

#include "command/bundle.h"
#include "command/number.h"
#include "command/sentence.h"

namespace tsc {
namespace {

// "uid" or "uid:gid", as numbers.
Status SetUser(const std::string& text, Json* process) {
  const auto colon = text.find(':');
  (*process)["user"]["uid"] = TSC_TRY(ParseNumber(text.substr(0, colon)));
  if (colon != std::string::npos) (*process)["user"]["gid"] = TSC_TRY(ParseNumber(text.substr(colon + 1)));
  return {};
}

void AddCapabilities(const std::vector<std::string>& names, Json* process) {
  for (const char* set : {"bounding", "effective", "permitted"}) {
    auto& list = (*process)["capabilities"][set];
    for (const auto& name : names) list.push_back(name);
  }
}

}  // namespace

Result<Process> ExecProcess(const Options& options, const Json& config) {
  if (options.has("process")) return ReadProcess(TSC_TRY(ReadJsonFile(options.get("process"))));
  auto process = Member(config, "process");
  if (options.rest.size() < 2) return Refuse("exec needs a command, or --process");
  process["args"] = std::vector<std::string>(options.rest.begin() + 1, options.rest.end());
  process["terminal"] = options.is_set("tty");
  if (options.has("cwd")) process["cwd"] = options.get("cwd");
  for (const auto& variable : options.all("env")) process["env"].push_back(variable);
  if (options.has("user")) TSC_TRY(SetUser(options.get("user"), &process));
  for (const auto& group : options.all("additional-gids")) process["user"]["additionalGids"].push_back(TSC_TRY(ParseNumber(group)));
  if (options.has("cap")) AddCapabilities(options.all("cap"), &process);
  if (options.is_set("no-new-privs")) process["noNewPrivileges"] = true;
  return ReadProcess(std::move(process));
}

}  // namespace tsc
