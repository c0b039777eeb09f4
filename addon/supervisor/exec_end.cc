// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "core/reap.h"
#include "core/syscalls.h"
#include "runtime/child_minder.h"
#include "supervisor/connection.h"
#include "supervisor/container.h"
#include "supervisor/exec_process.h"

// How an exec ends, and what is told of that.
namespace tsc {
namespace {

constexpr int kSettleAttempts = 12;

}  // namespace

Status ExecProcess::Kill(int signal) {
  if (!launched_.pidfd) return Fail("kill exec", ESRCH, id_);
  if (signal == SIGKILL) {
    KillTree();
    return {};
  }
  if (sys::pidfd_send_signal(launched_.pidfd.get(), signal) != 0) return Errno("kill exec", id_);
  return {};
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

// Where it counts for itself, what befell others is none of its own. On v1 the container's counter knows nothing of that, and nobody else
// tells.
bool ExecProcess::WasOomKilled() {
  const bool containers = container_->OomKills() > oom_before_;
  const auto own = cgroup_ ? cgroup_->cgroup.OomKills() : Result<std::uint64_t>(Fail("watch memory", ENOTSUP));
  if (!own.ok()) return containers;
  const bool told = containers || container_->context_.host->cgroups->version() == CgroupVersion::kV2;
  if (*own > 0 && !told) container_->context_.emit("oom", *container_, Json::object());
  return *own > 0;
}

void ExecProcess::OnEnd() {
  siginfo_t info{};
  rusage usage{};
  if (!TakeEnd(launched_.pidfd.get(), &info, &usage)) return;
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

// What the process left running ends with it. Its cgroup goes when the last of it is gone; where nobody is left, nobody waits for that.
void ExecProcess::Settle(int attempt) {
  if (attempt == 0) {
    CountUse();
    if (cgroup_->account.Empty()) Finish();
    if (finished_ && container_->state_ == ContainerState::kRunning && container_->exec_cgroups_.GiveBack(&*cgroup_)) return;
  }
  const auto removed = cgroup_->cgroup.Remove();
  if (removed.ok() || removed.failure().error != EBUSY || attempt >= kSettleAttempts) return Finish();
  (void)cgroup_->Kill();
  const auto self = shared_from_this();
  container_->context_.loop->After(std::chrono::milliseconds(1 << std::min(attempt, 8)), [self, attempt] { self->Settle(attempt + 1); });
}

void ExecProcess::CountUse() {
  auto cpu_ns = cgroup_->account.CpuNs();
  if (limited_) {
    const auto used = cgroup_->cgroup.Usage();
    if (!used.ok()) return;
    cpu_ns = used->cpu_ns;
    if (used->memory_peak_bytes) result_["memoryPeakBytes"] = *used->memory_peak_bytes;
  }
  if (cpu_ns) result_["cpuMs"] = *cpu_ns / 1'000'000;
}

void ExecProcess::Finish() {
  if (std::exchange(finished_, true)) return;
  const auto self = shared_from_this();
  if (!done_) container_->Touch();
  const Connection::Together together(reply_.connection());
  TellUntold();
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
