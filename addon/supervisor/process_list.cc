// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process_list.h"

#include <fcntl.h>

#include <cstdlib>
#include <sstream>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kMostListed = 20'000;

std::string ReadProc(pid_t pid, const char* name) {
  const auto text = ReadFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/" + name).c_str());
  return text.ok() ? *text : std::string();
}

// "NSpid:	4711	12": the last is the innermost namespace's.
int InnerPid(const std::string& status) {
  const auto at = status.find("\nNSpid:");
  if (at == std::string::npos) return 0;
  const std::string line = status.substr(at + 7, status.find('\n', at + 1) - at - 7);
  return static_cast<int>(std::strtol(line.c_str() + line.find_last_of('\t') + 1, nullptr, 10));
}

std::string Command(pid_t pid) {
  std::string text = ReadProc(pid, "cmdline");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  for (auto& letter : text)
    if (letter == '\0') letter = ' ';
  return text;
}

}  // namespace

Json ListProcesses(std::vector<pid_t> roots) {
  Json processes = Json::array();
  while (!roots.empty() && processes.size() < kMostListed) {
    const pid_t pid = roots.back();
    roots.pop_back();
    const std::string status = ReadProc(pid, "status");
    if (status.empty()) continue;
    processes.push_back({{"pid", InnerPid(status)}, {"hostPid", pid}, {"command", Command(pid)}});
    std::istringstream children(ReadProc(pid, ("task/" + std::to_string(pid) + "/children").c_str()));
    for (pid_t child; children >> child;) roots.push_back(child);
  }
  return processes;
}

}  // namespace tsc
