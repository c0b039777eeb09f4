// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_process.h"

#include <fcntl.h>
#include <linux/capability.h>
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

constexpr std::chrono::milliseconds kUntold{1};
constexpr std::size_t kArgvKept = 4096;  // bytes of a command line that are remembered

}  // namespace

Status ExecProcess::Start(const Json& message, std::vector<UniqueFd>* descriptors) {
  id_ = StringMember(message, "exec");
  if (!IsId(id_)) return Fail("parse id", EINVAL, id_);
  if (container_->execs_.contains(id_)) return Fail("exec", EEXIST, id_);
  detached_ = BoolMember(message, "detached");
  detachable_ = BoolMember(message, "detachable");
  grace_ms_ = static_cast<int>(IntMember(message, "killGraceMs"));
  if (auto launched = Launch(message, descriptors); !launched.ok()) {
    if (cgroup_) (void)cgroup_->cgroup.Remove();
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
  if (cgroup_ && !cgroup_->account.opened()) cgroup_->account = cgroup_->cgroup.Account();
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
  limited_ = !limits.is_null();
  auto own = container_->exec_cgroups_.Take(*cgroup, "exec-" + id_.substr(0, 16), CgroupKind(*plan));
  if (own.ok()) cgroup_ = std::move(*own);
  if (limited_) {
    if (!cgroup_) return own.failure();
    TSC_TRY(cgroup_->cgroup.Limit(resources));
  }
  plan->cgroup = cgroup_ ? cgroup_->cgroup.clone_fd() : cgroup->clone_fd();
  if (!cgroup->needs_join()) return {};
  const Cgroup* joined = cgroup_ && cgroup_->cgroup.joins_apart() ? &cgroup_->cgroup : &*cgroup;
  if (joined == &*cgroup) cgroup->KeepJoin();
  plan->join_cgroups = [joined] { return joined->Join(0); };
  return {};
}

ExecCgroups::Kind ExecProcess::CgroupKind(const ExecPlan& plan) const {
  using Kind = ExecCgroups::Kind;
  if (limited_) return Kind::kLimited;
  const bool may_mount = plan.process.capabilities.bounding & std::uint64_t{1} << CAP_SYS_ADMIN;
  return may_mount || !container_->CgroupsAreReadOnly() ? Kind::kOwn : Kind::kShared;
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

// Whoever waits for its end alone, as most do, is not woken for its beginning: on the processor where it has just begun, as a rule.
void ExecProcess::Spawned() {
  spawned_ = true;
  if (done_) return;
  if (terminal_ || detached_) return TellSpawned();
  untold_ = container_->context_.loop->After(kUntold, [this] { TellSpawned(); });
}

void ExecProcess::TellUntold() {
  if (untold_) TellSpawned();
}

void ExecProcess::TellSpawned() {
  if (untold_) container_->context_.loop->Cancel(*std::exchange(untold_, std::nullopt));
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

void ExecProcess::Detach() {
  TellUntold();
  detached_ = true;
  std::exchange(reply_, Reply()).Ok({{"detached", true}});
  for (auto& drain : drains_) drain.Begin();
}

void ExecProcess::Leave() {
  TellUntold();
  reply_ = Reply();
  for (auto& drain : drains_) drain.Begin();
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

}  // namespace tsc
