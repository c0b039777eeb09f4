// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <cctype>
#include <cstring>

#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/number.h"
#include "command/record.h"
#include "command/sentence.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

// "9", "KILL", "SIGKILL", "sigkill", "RTMIN+3".
Result<int> ParseSignal(std::string text) {
  if (const auto number = ParseNumber(text); number.ok() && *number > 0 && *number <= SIGRTMAX) return static_cast<int>(*number);
  for (auto& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  if (text.starts_with("SIG")) text.erase(0, 3);
  for (int signal = 1; signal < NSIG; ++signal) {
    const char* name = ::sigabbrev_np(signal);
    if (name && text == name) return signal;
  }
  const bool from_start = text.starts_with("RTMIN");
  if (!from_start && !text.starts_with("RTMAX")) return Refuse("unknown signal \"" + text + "\"");
  const auto offset = text.size() == 5 ? Result<std::int64_t>(0) : ParseNumber(text.substr(text[5] == '+' ? 6 : 5));
  const auto signal = offset.ok() ? (from_start ? SIGRTMIN : SIGRTMAX) + *offset : 0;
  if (signal < SIGRTMIN || signal > SIGRTMAX) return Refuse("unknown signal \"" + text + "\"");
  return static_cast<int>(signal);
}

Status SignalAll(const Record& record, int signal) {
  auto cgroup = TSC_TRY(OpenContainerCgroup(record));
  if (signal == SIGKILL) return cgroup.Kill();
  for (const pid_t pid : TSC_TRY(ContainerProcesses(record)))
    if (::kill(pid, signal) != 0 && errno != ESRCH) return Errno("kill", std::to_string(pid));
  return {};
}

}  // namespace

Result<int> KillCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  const auto& rest = call.options.rest;
  const auto word = rest.size() > 1 ? rest[1] : std::string("TERM");
  const int signal = TSC_TRY(ParseSignal(word));
  const bool running = place.alive();
  if (call.options.is_set("all")) {
    const auto sent = SignalAll(place.record, signal);
    if (!sent.ok() && sent.failure().error != ENOENT) return sent.failure();
    return 0;
  }
  // Callers look for these words: what they wanted to end is at its end.
  if (!running) return Refuse("container not running");
  const auto process = TSC_TRY(place.OpenProcess());
  if (sys::pidfd_send_signal(process.get(), signal) != 0)
    return errno == ESRCH ? Refuse("container not running") : Errno("kill", call.options.rest[0]);
  return 0;
}

}  // namespace tsc
