// SPDX-License-Identifier: Apache-2.0
#include "command/hooks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "command/sentence.h"
#include "core/paths.h"
#include "core/string_pointers.h"
#include "core/syscalls.h"
#include "core/unique_fd.h"
#include "runtime/child_program.h"

namespace tsc {
namespace {

constexpr std::size_t kMostOutput = 4096;

std::int64_t NowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> NewPipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Errno("pipe", "hook");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

struct Hook {
  std::string path;
  std::vector<std::string> args, env;
  std::int64_t timeout_ms = -1;
};

Result<Hook> ParseHook(const Json& json) {
  Hook hook{StringMember(json, "path"), StringsMember(json, "args"), StringsMember(json, "env"), -1};
  if (hook.path.empty() || hook.path[0] != '/') return Refuse("hook path \"" + hook.path + "\" is not absolute");
  if (hook.args.empty()) hook.args.push_back(hook.path);
  const auto& timeout = Member(json, "timeout");
  if (timeout.is_null()) return hook;
  if (!timeout.is_number_integer() || timeout.get<std::int64_t>() <= 0) return Refuse("hook timeout must be greater than zero");
  hook.timeout_ms = timeout.get<std::int64_t>() * 1000;
  return hook;
}

[[noreturn]] void ExecuteHook(const Hook& hook, int in, int out) {
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  sys::close_range(3, ~0U);
  ChildResetSignals();
  ::execve(hook.path.c_str(), StringPointers(hook.args).data(), StringPointers(hook.env).data());
  const std::string why = std::strerror(errno);
  (void)!::write(2, why.data(), why.size());
  ::_exit(127);
}

// What it wrote until it ended or its time was over. A process it leaves behind may keep its output open: its own end counts.
std::string Listen(int pidfd, int output, std::int64_t deadline, bool* ended) {
  std::string text;
  bool open = true;
  for (;;) {
    pollfd watched[2] = {{pidfd, POLLIN, 0}, {open ? output : -1, POLLIN, 0}};
    const auto left = deadline < 0 ? -1 : std::max<std::int64_t>(deadline - NowMs(), 0);
    const int ready = ::poll(watched, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return text;
    if (watched[1].revents != 0) {
      char buffer[1024];
      const ssize_t n = ::read(output, buffer, sizeof buffer);
      if (n > 0 && text.size() < kMostOutput) text.append(buffer, static_cast<std::size_t>(n));
      open = n > 0;
      continue;
    }
    *ended = watched[0].revents != 0;
    if (*ended) return text;
  }
}

Status RunHook(const Hook& hook, const std::string& state) {
  auto in = TSC_TRY(NewPipe());
  auto out = TSC_TRY(NewPipe());
  const pid_t pid = ::fork();
  if (pid < 0) return Errno("fork", hook.path);
  if (pid == 0) ExecuteHook(hook, in.read.get(), out.write.get());
  in.read.reset();
  out.write.reset();
  const UniqueFd process(sys::pidfd_open(pid));
  // A hook that does not read must not hold us up, nor one that ends early end us.
  ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  ::signal(SIGPIPE, SIG_IGN);
  (void)!::write(in.write.get(), state.data(), state.size());
  in.write.reset();
  bool ended = false;
  auto output = Listen(process.get(), out.read.get(), hook.timeout_ms < 0 ? -1 : NowMs() + hook.timeout_ms, &ended);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return Refuse("hook " + hook.path + " ran past its timeout");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const auto how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status)) : "signal " + std::to_string(WTERMSIG(status));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return Refuse("error running hook " + hook.path + ": " + how + (output.empty() ? "" : ": " + output));
}

const Json& HooksOf(const Json& config, const char* kind) { return Member(Member(config, "hooks"), kind); }

}  // namespace

bool HasHooks(const Json& config, const char* kind) { return HooksOf(config, kind).is_array() && !HooksOf(config, kind).empty(); }

Status RunHooks(const Json& config, const char* kind, const Json& state) {
  if (!HasHooks(config, kind)) return {};
  const auto text = state.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const auto& item : HooksOf(config, kind)) TSC_TRY(RunHook(TSC_TRY(ParseHook(item)), text));
  return {};
}

}  // namespace tsc
