// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "command/bundle.h"
#include "command/cgroup_place.h"
#include "command/exec_process.h"
#include "command/foreground.h"
#include "command/invocation.h"
#include "command/namespace_paths.h"
#include "command/number.h"
#include "command/own_stdio.h"
#include "command/pid_file.h"
#include "command/record.h"
#include "command/sentence.h"
#include "command/terminal.h"
#include "core/syscalls.h"
#include "runtime/child_report.h"
#include "runtime/launch.h"

namespace tsc {
namespace {

void Discard(const Launched& launched) {
  sys::pidfd_send_signal(launched.pidfd.get(), SIGKILL);
  siginfo_t info{};
  sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched.pidfd.get()), &info, WEXITED, nullptr);
}

// Until the program runs: the end of its reports says so. Gives its terminal, if that stays here.
Result<UniqueFd> Attend(const Launched& launched, const std::string& console_socket) {
  UniqueFd terminal;
  for (;;) {
    pollfd watched{launched.control.get(), POLLIN, 0};
    if (::poll(&watched, 1, -1) < 0 && errno != EINTR) return Errno("poll");
    ChildReport report;
    UniqueFd descriptor;
    const int received = ReceiveReport(launched.control.get(), &report, &descriptor);
    if (received < 0 && errno == EAGAIN) continue;
    if (received <= 0) return terminal;
    if (report.kind == ReportKind::kFailed) return ReportedFailure(report);
    if (report.kind != ReportKind::kTerminal) continue;
    if (console_socket.empty())
      terminal = std::move(descriptor);
    else
      TSC_TRY(SendTerminal(console_socket, descriptor.get()));
  }
}

Status CheckStatus(const RecordPlace& place, const Options& options) {
  const auto status = place.status();
  if (status == ContainerStatus::kPaused && !options.is_set("ignore-paused")) {
    return Refuse("cannot exec in a paused container (use --ignore-paused to override)");
  }
  if (status == ContainerStatus::kStopped || status == ContainerStatus::kCreating)
    return Refuse("cannot exec in a container that is not running");
  return {};
}

Result<ExecPlan> MakePlan(const Invocation& call, const RecordPlace& place, const Cgroup* cgroup, int target) {
  ExecPlan plan;
  plan.process = TSC_TRY(ExecProcess(call.options, place.record.config));
  plan.target = target;
  plan.namespaces = ForeignNamespaces(place.record.pid);
  if (const auto& seccomp = Member(Member(place.record.config, "linux"), "seccomp"); seccomp.is_object()) {
    plan.seccomp = std::make_shared<const SeccompProgram>(TSC_TRY(CompileSeccomp(seccomp)));
  }
  auto life = std::make_shared<Unattended>();
  life->preserved = TSC_TRY(PreservedDescriptors(call.options));
  plan.unattended = life;
  if (!cgroup) return plan;
  plan.cgroup = cgroup->clone_fd();
  plan.join_cgroups = [cgroup] { return cgroup->Join(0); };
  return plan;
}

}  // namespace

Result<int> ExecCommand(const Invocation& call) {
  const auto& options = call.options;
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  TSC_TRY(CheckStatus(place, options));
  const auto target = TSC_TRY(place.OpenProcess());
  auto cgroup = OpenContainerCgroup(place.record);
  auto plan = TSC_TRY(MakePlan(call, place, cgroup.ok() ? &*cgroup : nullptr, target.get()));
  const bool detached = options.is_set("detach");
  const auto console = options.get("console-socket");
  if (plan.process.terminal && detached && console.empty())
    return Refuse("cannot allocate a terminal for a detached process without --console-socket");
  if (!plan.process.terminal && !console.empty()) return Refuse("cannot use console socket if no terminal is requested");
  plan.stdio = TSC_TRY(OwnStdio(plan.unattended->preserved));
  std::optional<Foreground> foreground;
  if (!detached) foreground.emplace();
  const auto launched = TSC_TRY(LaunchExec(plan));
  plan.stdio = {};
  auto terminal = Attend(launched, console);
  auto written = terminal.ok() && options.has("pid-file") ? WritePidFile(options.get("pid-file"), launched.pid) : Status{};
  if (!terminal.ok() || !written.ok()) {
    Discard(launched);
    return terminal.ok() ? written.failure() : terminal.failure();
  }
  if (detached) return 0;
  return foreground->Wait(launched.pidfd.get(), *terminal ? std::make_unique<TerminalRelay>(std::move(*terminal)) : nullptr);
}

}  // namespace tsc
