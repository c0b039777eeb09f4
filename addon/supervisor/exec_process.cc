// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_process.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "core/syscalls.h"
#include "runtime/child_minder.h"
#include "runtime/child_report.h"
#include "supervisor/connection.h"
#include "supervisor/container.h"
#include "supervisor/create_request.h"

namespace tsc {
namespace {

constexpr int kSettleAttempts = 12;
constexpr std::size_t kArgvKept = 4096;  // bytes of a command line that are remembered

std::int64_t Milliseconds(const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; }

}  // namespace

Status ExecProcess::Start(const Json& message, std::vector<UniqueFd>* descriptors) {
  id_ = StringMember(message, "exec");
  if (!IsId(id_)) return Fail("parse id", EINVAL, id_);
  if (container_->execs_.contains(id_)) return Fail("exec", EEXIST, id_);
  detached_ = BoolMember(message, "detached");
  detachable_ = BoolMember(message, "detachable");
  grace_ms_ = static_cast<int>(IntMember(message, "killGraceMs"));
  if (auto launched = Launch(message, descriptors); !launched.ok()) {
    if (cgroup_) (void)cgroup_->Remove();
    return launched;
  }
  started_at_ = NowMs();
  const auto timeout = IntMember(message, "timeoutMs");
  if (timeout > 0) {
    timer_ = container_->context_.loop->After(std::chrono::milliseconds(timeout), [this] {
      timer_.reset();
      timed_out_ = true;
      End(grace_ms_);
    });
  }
  return {};
}

Status ExecProcess::Launch(const Json& message, std::vector<UniqueFd>* descriptors) {
  ExecPlan plan;
  plan.process = TSC_TRY(ParseProcess(Member(message, "process")));
  plan.stdio.in = TSC_TRY(TakeDescriptor(message, "stdin", descriptors));
  plan.stdio.out = TSC_TRY(TakeDescriptor(message, "stdout", descriptors));
  plan.stdio.err = TSC_TRY(TakeDescriptor(message, "stderr", descriptors));
  TSC_TRY(KeepOutputs(message, descriptors));
  GivePipes(message, &plan.stdio);
  plan.target = container_->launched_.pidfd.get();
  plan.namespaces = container_->OwnNamespaces();
  plan.seccomp = container_->request_.seccomp;
  std::size_t kept = 0;
  for (const auto& argument : plan.process.args)
    if ((kept += argument.size()) <= kArgvKept) argv_.push_back(argument);
  TSC_TRY(MakeCgroup(message, &plan));
  plan.minded = minded_ = !cgroup_;
  plan.detached = detached_;
  container_->LimitProcesses(&plan.process);
  launched_ = TSC_TRY(LaunchExec(plan));
  auto* loop = container_->context_.loop;
  loop->Add(launched_.control.get(), EPOLLIN, [this](std::uint32_t) { OnControl(); });
  loop->Add(launched_.pidfd.get(), EPOLLIN, [this](std::uint32_t) { OnEnd(); });
  return {};
}

// The caller names those that it made for this: what a user handed on stays its owner's.
void ExecProcess::GivePipes(const Json& message, Stdio* stdio) const {
  const std::pair<const char*, const UniqueFd*> streams[] = {{"stdin", &stdio->in}, {"stdout", &stdio->out}, {"stderr", &stdio->err}};
  const auto pipes = StringsMember(message, "pipes");
  for (int i = 0; i < 3; ++i) {
    const auto& [name, fd] = streams[i];
    stdio->given[i] = std::find(pipes.begin(), pipes.end(), name) != pipes.end() && container_->GivePipe(*fd);
  }
}

// Those of a detached one outlive its reader.
Status ExecProcess::KeepOutputs(const Json& message, std::vector<UniqueFd>* descriptors) {
  const Json& outputs = Member(message, "outputs");
  for (std::size_t i = 0; detached_ && outputs.is_array() && i < outputs.size(); ++i) {
    auto end = TSC_TRY(TakeDescriptor({{"output", outputs[i]}}, "output", descriptors));
    if (end) drains_.emplace_back(container_->context_.loop, std::move(end));
  }
  return {};
}

// Where nothing limits it alone, an exec can do without a cgroup of its own.
Status ExecProcess::MakeCgroup(const Json& message, ExecPlan* plan) {
  auto& cgroup = container_->cgroup_;
  const Json& limits = Member(message, "limits");
  const auto resources = TSC_TRY(ParseResources(limits));
  if (!cgroup) return limits.is_null() ? Status{} : Status(Fail("cgroup limit", ENOTSUP, "limits"));
  oom_before_ = container_->OomKills();
  auto own = cgroup->CreateExec("exec-" + id_.substr(0, 16));
  if (own.ok()) cgroup_ = std::move(*own);
  if (!limits.is_null()) {
    limited_ = true;
    if (!cgroup_) return own.failure();
    TSC_TRY(cgroup_->Limit(resources));
  }
  plan->cgroup = cgroup_ ? cgroup_->clone_fd() : cgroup->clone_fd();
  if (cgroup->needs_join()) plan->join_cgroups = [this] { return cgroup_ ? cgroup_->Join(0) : container_->cgroup_->Join(0); };
  return {};
}

void ExecProcess::OnControl() {
  while (launched_.control) {
    ChildReport report;
    UniqueFd descriptor;
    const int got = ReceiveReport(launched_.control.get(), &report, &descriptor);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      container_->context_.loop->Remove(launched_.control.get());
      launched_.control.reset();
      if (!failure_) Spawned();
      return;
    }
    if (report.kind == ReportKind::kFailed) failure_ = ReportedFailure(report);
    if (report.kind == ReportKind::kTerminal) terminal_ = std::move(descriptor);
  }
}

void ExecProcess::Spawned() {
  spawned_ = true;
  if (done_) return;
  const Connection::Together together(reply_.connection());
  const Json progress{{"spawned", {{"pid", launched_.pid}}}};
  if (terminal_)
    reply_.Progress(progress, {terminal_.get()});
  else
    reply_.Progress(progress);
  if (terminal_ && (detachable_ || detached_)) drains_.emplace_back(container_->context_.loop, std::move(terminal_));
  terminal_.reset();
  container_->context_.emit("exec", *container_, {{"execId", id_}, {"exitCode", Json()}});
}

Status ExecProcess::Kill(int signal) {
  if (!launched_.pidfd) return Fail("kill exec", ESRCH, id_);
  if (signal == SIGKILL) {
    KillTree();
    return {};
  }
  if (sys::pidfd_send_signal(launched_.pidfd.get(), signal) != 0) return Errno("kill exec", id_);
  return {};
}

void ExecProcess::Detach() {
  detached_ = true;
  std::exchange(reply_, Reply()).Ok({{"detached", true}});
  for (auto& drain : drains_) drain.Begin();
}

void ExecProcess::Leave() {
  reply_ = Reply();
  for (auto& drain : drains_) drain.Begin();
}

// Where it counts for itself, what befell others is none of its own. On v1 the container's counter knows nothing of that, and nobody else
// tells.
bool ExecProcess::WasOomKilled() {
  const bool containers = container_->OomKills() > oom_before_;
  const auto own = cgroup_ ? cgroup_->OomKills() : Result<std::uint64_t>(Fail("watch memory", ENOTSUP));
  if (!own.ok()) return containers;
  const bool told = containers || container_->context_.host->cgroups->version() == CgroupVersion::kV2;
  if (*own > 0 && !told) container_->context_.emit("oom", *container_, Json::object());
  return *own > 0;
}

Json ExecProcess::Describe() const {
  const bool ended = result_.is_object();
  return {{"id", id_},
          {"pid", ended ? Json() : Json(launched_.pid)},
          {"argv", argv_},
          {"detached", detached_},
          {"startedAt", started_at_},
          {"endedAt", ended ? Json(started_at_ + Member(result_, "durationMs").get<double>()) : Json()},
          {"result", result_}};
}

void ExecProcess::Cancel() {
  canceled_ = true;
  End(grace_ms_);
}

// Politely where there is time for it, then everything.
void ExecProcess::End(int grace_ms) {
  auto* loop = container_->context_.loop;
  if (timer_) loop->Cancel(*std::exchange(timer_, std::nullopt));
  if (grace_ms <= 0 || !launched_.pidfd) return KillTree();
  sys::pidfd_send_signal(launched_.pidfd.get(), SIGTERM);
  timer_ = loop->After(std::chrono::milliseconds(grace_ms), [this] {
    timer_.reset();
    KillTree();
  });
}

void ExecProcess::KillTree() {
  if (cgroup_) (void)cgroup_->Kill();
  if (!launched_.pidfd) return;
  if (minded_ && AskMinderToKill(launched_.pidfd.get()).ok()) return;
  sys::pidfd_send_signal(launched_.pidfd.get(), SIGKILL);
}

void ExecProcess::OnEnd() {
  siginfo_t info{};
  rusage usage{};
  if (sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched_.pidfd.get()), &info, WEXITED | WNOHANG, &usage) != 0 ||
      info.si_pid == 0) {
    return;
  }
  const auto self = shared_from_this();
  OnControl();
  auto* loop = container_->context_.loop;
  if (timer_) loop->Cancel(*std::exchange(timer_, std::nullopt));
  loop->Remove(launched_.pidfd.get());
  launched_.pidfd.reset();
  terminal_.reset();
  drains_.clear();
  const bool signaled = info.si_code != CLD_EXITED;
  const bool killed = signaled && info.si_status == SIGKILL && !timed_out_;
  const bool oom_killed = (killed || limited_) && WasOomKilled() && killed;
  result_ = {{"exitCode", signaled ? 128 + info.si_status : info.si_status},
             {"signal", signaled ? Json(info.si_status) : Json()},
             {"timedOut", timed_out_},
             {"oomKilled", oom_killed},
             {"durationMs", NowMs() - started_at_},
             {"cpuMs", Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime)},
             {"memoryPeakBytes", Json()}};
  if (cgroup_ && !detached_)
    Settle(0);
  else
    Finish();
}

// What the process left running ends with it. Its cgroup goes when the last of it is gone.
void ExecProcess::Settle(int attempt) {
  if (attempt == 0) {
    if (const auto used = cgroup_->Usage(); used.ok()) {
      if (used->cpu_ns) result_["cpuMs"] = *used->cpu_ns / 1'000'000;
      if (used->memory_peak_bytes) result_["memoryPeakBytes"] = *used->memory_peak_bytes;
    }
  }
  const auto removed = cgroup_->Remove();
  if (removed.ok() || removed.failure().error != EBUSY || attempt >= kSettleAttempts) return Finish();
  (void)cgroup_->Kill();
  const auto self = shared_from_this();
  container_->context_.loop->After(std::chrono::milliseconds(1 << std::min(attempt, 8)), [self, attempt] { self->Settle(attempt + 1); });
}

void ExecProcess::Finish() {
  const auto self = shared_from_this();
  if (!done_) container_->Touch();
  const Connection::Together together(reply_.connection());
  if (done_)
    done_(failure_ ? Result<Json>(*failure_) : Result<Json>(result_));
  else if (canceled_)
    reply_.Fail(Fail("exec", ECANCELED, id_));
  else if (failure_)
    reply_.Fail(*failure_);
  else
    reply_.Ok(result_);
  for (const auto& reply : waiting_) reply.Ok(result_);
  if (spawned_ && !done_) {
    container_->context_.emit("exec", *container_, {{"execId", id_}, {"exitCode", result_["exitCode"]}});
    container_->exec_history_.Add(Describe());
  }
  container_->execs_.erase(id_);
}

}  // namespace tsc
