// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/reap.h"
#include "layer/deep_tree.h"
#include "runtime/child_report.h"
#include "supervisor/connection.h"
#include "supervisor/container.h"
#include "supervisor/container_names.h"
#include "supervisor/disk_quota.h"
#include "supervisor/exec_process.h"
#include "supervisor/health_monitor.h"
#include "supervisor/networks.h"

// The way down: what the child reports, how it ends, and that nothing stays behind.
namespace tsc {
namespace {

// As long as it mostly takes until a container that ended is removed.
constexpr std::chrono::milliseconds kMountsStay{3};

}  // namespace

void Container::OnControl() {
  while (launched_.control) {
    ChildReport report;
    UniqueFd descriptor;
    const int got = ReceiveReport(launched_.control.get(), &report, &descriptor);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      context_.loop->Remove(launched_.control.get());
      launched_.control.reset();
      return;
    }
    if (report.kind == ReportKind::kFailed) failure_ = ReportedFailure(report);
    if (report.kind == ReportKind::kEnded) ended_status_ = report.status;
    if (report.kind == ReportKind::kTerminal && descriptor) stdio_.TakeTerminal(std::move(descriptor), request_.open_input);
    if (report.kind == ReportKind::kReady && !failure_) OnReady();
  }
}

void Container::OnReady() {
  if (state_ != ContainerState::kPreparing) return;
  state_ = ContainerState::kCreated;
  if (create_reply_) {
    WriteState();
    const Connection::Together together(create_reply_->connection());
    context_.emit("created", *this, Json::object());
    const auto listeners = TakeListeners();
    std::vector<int> descriptors;
    for (const auto& listener : listeners) descriptors.push_back(listener.get());
    std::exchange(create_reply_, std::nullopt)->Ok({{"pid", launched_.pid}, {"ports", Ports()}, {"volumes", made_volumes_}}, descriptors);
  }
  if (!removing_ && (start_reply_ || restarting_)) BeginStart();
  PumpFiles();
}

void Container::BeginStart() {
  state_ = ContainerState::kStarting;
  if (request_.idle) return BecomeRunning();
  context_.loop->Add(launched_.exec_status.get(), EPOLLIN, [this](std::uint32_t) { OnExecStatus(); });
  if (const auto told = TellChild(launched_.control.get(), ChildCommand::kStart); !told.ok()) {
    failure_ = told.failure();
    KillAll();
  }
}

void Container::OnExecStatus() {
  if (!launched_.exec_status) return;
  context_.loop->Remove(launched_.exec_status.get());
  launched_.exec_status.reset();
  OnControl();  // a failure was sent before the pipe was closed
  if (state_ == ContainerState::kStarting && !failure_) BecomeRunning();
}

void Container::BecomeRunning() {
  started_at_ = NowMs();
  running_since_ = EventLoop::Clock::now();
  state_ = ContainerState::kRunning;
  stop_reason_.clear();
  next_restart_at_ = 0;
  const bool by_policy = std::exchange(restarting_, false);
  if (by_policy)
    limits_.Continue();
  else
    limits_.Begin();
  WriteState();
  const Connection::Together together(start_reply_ ? start_reply_->connection() : nullptr);
  context_.emit("running", *this, {{"pid", launched_.pid}, {"reason", by_policy ? "restarted" : "started"}});
  if (health_) health_->Begin();
  Receive();
  if (start_reply_) std::exchange(start_reply_, std::nullopt)->Ok({{"pid", launched_.pid}, {"startedAt", started_at_}});
}

void Container::CountOom(int recounts) {
  if (oom_timer_) context_.loop->Cancel(*std::exchange(oom_timer_, std::nullopt));
  const auto kills = oom_->Kills();
  if (!kills.ok()) return;
  if (*kills > oom_seen_) {
    oom_seen_ = *kills;
    context_.emit("oom", *this, Json::object());
  } else if (recounts > 0) {
    oom_timer_ = context_.loop->After(OomWatch::kRecount, [this, recounts] {
      oom_timer_.reset();
      CountOom(recounts - 1);
    });
  }
}

void Container::OnProcessEnd() {
  siginfo_t info{};
  rusage usage{};
  if (!TakeEnd(launched_.pidfd.get(), &info, &usage)) return;
  const auto self = shared_from_this();
  OnControl();
  // A program that lived a millisecond was running all the same.
  if (state_ == ContainerState::kStarting) OnExecStatus();
  if (oom_) CountOom(0);
  const bool never_ran = state_ == ContainerState::kPreparing || state_ == ContainerState::kStarting;
  freezing_.Cancel();
  if (health_) health_->End();
  ExitInfo exit = MakeExit(info, usage);
  // Where the pid namespace is shared, init's end is not the end of all.
  if (!(OwnNamespaces() & CLONE_NEWPID)) KillAll();
  EndFiles(Fail("use files", EBUSY, "stopped"));
  if (never_ran && !removing_) {
    ReleaseProcess();
    return FailStart(failure_.value_or(Failure{"run child", ECHILD, id()}));
  }
  exit_ = std::move(exit);
  ReleaseDescriptors();
  PlanRestart();
  FinishEnd();  // who waits need not wait for the cgroups to go, too
  RemoveCgroup(0);
}

ExitInfo Container::MakeExit(const siginfo_t& info, const rusage& usage) {
  ExitInfo exit;
  exit.started_at = started_at_;
  exit.finished_at = NowMs();
  exit.reason = stop_reason_;
  exit.cpu_ms = Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime);
  if (ended_status_ && info.si_code == CLD_EXITED) {
    if (WIFSIGNALED(*ended_status_)) exit.signal = WTERMSIG(*ended_status_);
    exit.code = WIFSIGNALED(*ended_status_) ? 128 + WTERMSIG(*ended_status_) : WEXITSTATUS(*ended_status_);
  } else if (info.si_code == CLD_EXITED) {
    exit.code = info.si_status;
  } else {
    exit.signal = info.si_status;
    exit.code = 128 + info.si_status;
  }
  // A child that was killed for lack of memory is not the container's end; its own main process, or a shell that passes it on, is.
  exit.oom_killed = exit.code == 128 + SIGKILL && OomKills() > 0;
  if (cgroup_) {
    const auto used = cgroup_->Spent();
    exit.memory_peak = used.memory_peak_bytes;
    if (used.cpu_ns) exit.cpu_ms = static_cast<std::int64_t>(*used.cpu_ns / 1'000'000);
  }
  return exit;
}

void Container::ReleaseProcess() {
  ReleaseDescriptors();
  RemoveCgroup(0);
}

void Container::ReleaseDescriptors() {
  context_.networks->StopNames(id());
  context_.networks->Disconnect(&endpoints_);
  auto* loop = context_.loop;
  if (stop_timer_) loop->Cancel(*std::exchange(stop_timer_, std::nullopt));
  for (UniqueFd* fd : {&launched_.pidfd, &launched_.control, &launched_.exec_status}) {
    if (*fd) loop->Remove(fd->get());
    fd->reset();
  }
  if (launched_.mounts) {
    mounts_ = std::move(launched_.mounts);
    mounts_timer_ = loop->After(kMountsStay, [self = shared_from_this()] { self->LetMountsGo(); });
  }
  if (oom_) loop->Remove(oom_->fd());
  if (oom_timer_) loop->Cancel(*std::exchange(oom_timer_, std::nullopt));
  oom_.reset();
  exec_cgroups_.Reset();
  pressure_.Close(loop);
  freezing_.Cancel();
  stdio_.Finish();
}

void Container::LetMountsGo() {
  if (mounts_timer_) context_.loop->Cancel(*std::exchange(mounts_timer_, std::nullopt));
  mounts_.reset();
}

void Container::RemoveCgroup(int attempt) {
  if (!cgroup_) return;
  if (const auto removed = cgroup_->Remove(); removed.ok() || removed.failure().error != EBUSY || attempt >= 12) {
    cgroup_.reset();
    PumpFiles();
    // Within ReleaseProcess the end is still to be told.
    if (create_failed_ || (removing_ && state_ == ContainerState::kStopped)) FinishRemove();
    return;
  }
  (void)cgroup_->Kill();
  const auto self = shared_from_this();
  context_.loop->After(std::chrono::milliseconds(1 << std::min(attempt, 8)), [self, attempt] { self->RemoveCgroup(attempt + 1); });
}

void Container::FailStart(const Failure& failure) {
  if (create_reply_) {
    removing_ = true;
    const auto reply = *std::exchange(create_reply_, std::nullopt);
    create_failed_ = std::make_pair(reply, failure);
    if (!cgroup_) FinishRemove();
    return;
  }
  const auto reply = std::exchange(start_reply_, std::nullopt);
  const bool by_policy = std::exchange(restarting_, false);
  // Stopped while it was made ready once more: it has not failed, and how it ended is how it last did.
  const bool called_off = by_policy && exit_ && stopped_by_user_;
  if (called_off) {
    exit_->reason = stop_reason_;
  } else {
    if (!exit_ || by_policy) {
      exit_ = ExitInfo{};
      exit_->reason = stop_reason_;
      exit_->code = failure.error == ENOENT ? 127 : 126;
      exit_->finished_at = NowMs();
    }
    exit_->error = failure.step + " " + failure.object + ": " + std::to_string(failure.error);
  }
  running_since_ = EventLoop::Clock::now();  // it has not run at all
  if (by_policy) PlanRestart();
  FinishEnd();
  if (reply) reply->Fail(failure);
}

void Container::FinishEnd() {
  state_ = ContainerState::kStopped;
  WriteState();
  if (removing_ && removing_quietly_) return cgroup_ ? void() : FinishRemove();
  if (!restart_timer_) limits_.End();
  const Connection::Together together(owner.lock());
  TellStopped();
  if (restart_timer_) return;
  const Json exit{{"exit", ExitJson(*exit_)}};
  for (const auto& list : {std::exchange(waiting_, {}), std::exchange(stopping_, {})})
    for (const auto& reply : list) reply.Ok(exit);
  if (request_.auto_remove) removing_ = removes_volumes_ = true;
  if (removing_ && !cgroup_) FinishRemove();
}

void Container::RemoveFiles() {
  if (!files_exist_) return;
  files_exist_ = false;
  const Host& host = *context_.host;
  const int root = host.root_dir.get();
  DropName(host, request_.name, id());
  if (!request_.etc.empty() || !request_.memory_files.empty()) (void)RemoveTree(host.memory_dir.get(), id().c_str()).ok();
  if (request_.disk_quota > 0) ClearDiskQuota(root, "containers/" + id());
  KeepVolumes();
  // Gone by one rename. What the container wrote may be a million files, and freeing even a few blocks can take milliseconds: that is
  // the reaper's. What a crash leaves there goes at the next start.
  const std::string files = "containers/" + id();
  if (::renameat(root, files.c_str(), root, ("trash/" + id()).c_str()) == 0)
    context_.reap();
  else if (errno != ENOENT)
    (void)RemoveDeepTree(root, files.c_str()).ok();  // a full disk may have no room in the trash
  DropVolumes();
}

void Container::FinishRemove() {
  context_.networks->HealAll(id(), {});
  const auto self = shared_from_this();
  if (mounts_timer_) context_.loop->Cancel(*std::exchange(mounts_timer_, std::nullopt));
  context_.bury(std::move(mounts_));
  DropRestart();
  limits_.End();
  EndFiles(Fail("find container", ENOENT, id()));
  RemoveFiles();
  const Connection::Together together(owner.lock());
  const bool was_made = !create_failed_ && !create_reply_;
  if (was_made || shown_) context_.emit("removed", *this, Json::object());
  if (create_failed_) create_failed_->first.Fail(create_failed_->second);
  if (create_reply_) std::exchange(create_reply_, std::nullopt)->Fail(Fail("find container", ENOENT, id()));
  if (start_reply_) std::exchange(start_reply_, std::nullopt)->Fail(Fail("find container", ENOENT, id()));
  const Json exit{{"exit", ExitJson(exit_.value_or(ExitInfo{}))}};
  for (const auto& list : {std::exchange(waiting_, {}), std::exchange(stopping_, {})})
    for (const auto& reply : list) reply.Ok(exit);
  for (const auto& reply : std::exchange(removing_replies_, {})) reply.Ok();
  context_.forget(id());
}

}  // namespace tsc
