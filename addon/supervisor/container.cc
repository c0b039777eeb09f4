// SPDX-License-Identifier: Apache-2.0
#include "supervisor/container.h"

#include <sched.h>
#include <sys/stat.h>
#include <time.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "supervisor/background.h"
#include "supervisor/boot_id.h"
#include "supervisor/exec_process.h"
#include "supervisor/health_monitor.h"
#include "supervisor/networks.h"
#include "supervisor/process_list.h"
#include "supervisor/stats_report.h"
#include "supervisor/stored_container.h"

namespace tsc {
namespace {

constexpr int kFreezeTimeoutMs = 1000;

}  // namespace

Failure WrongState(const char* step, ContainerState state) { return Fail(step, EBUSY, StateName(state)); }

std::int64_t Milliseconds(const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; }

double NowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6;
}

const char* StateName(ContainerState state) {
  switch (state) {
    case ContainerState::kPreparing:
    case ContainerState::kCreated:
    case ContainerState::kStarting:
      return "created";
    case ContainerState::kRunning:
      return "running";
    case ContainerState::kPaused:
      return "paused";
    case ContainerState::kStopped:
      return "stopped";
  }
  return "stopped";
}

Json ExitJson(const ExitInfo& exit) {
  Json json{{"code", exit.code},
            {"signal", exit.signal ? Json(*exit.signal) : Json()},
            {"oomKilled", exit.oom_killed},
            {"startedAt", exit.started_at},
            {"finishedAt", exit.finished_at},
            {"cpuMs", exit.cpu_ms},
            {"memoryPeakBytes", exit.memory_peak ? Json(*exit.memory_peak) : Json()}};
  if (!exit.error.empty()) json["error"] = exit.error;
  if (!exit.reason.empty()) json["reason"] = exit.reason;
  return json;
}

Container::Container(ContainerContext context, CreateRequest request)
    : context_(std::move(context)),
      request_(std::move(request)),
      stdio_(context_.loop, std::move(request_.log)),
      limits_(context_.loop, request_.supervision.limits,
              {[this] { return HasOwnExecs() || stdio_.attached(); }, [this](const char* reason) { EndAtLimit(reason); }}) {
  created_at = NowMs();
  if (const auto& check = request_.supervision.health) health_ = std::make_unique<HealthMonitor>(this, context_.loop, *check);
}

Container::~Container() { EndFiles(Fail("find container", ENOENT, id())); }

void Container::Create(Reply reply) {
  create_reply_ = std::move(reply);
  auto status = ClaimFiles();
  if (status.ok()) status = Prepare();
  if (!status.ok()) {
    ReleaseProcess();
    FailStart(status.failure());
  }
}

void Container::Adopt(std::optional<ExitInfo> exit, double created) {
  files_exist_ = true;
  request_.text = {};
  created_at = created;
  exit_ = std::move(exit);
  if (!exit_) exit_ = ExitInfo{};
  state_ = ContainerState::kStopped;
}

void Container::Start(Reply reply) {
  // What the policy has begun is what is asked for.
  if (restarting_ && !removing_) {
    restarting_ = false;
    stopped_by_user_ = false;
    restarts_ = Restarts();
    start_reply_ = std::move(reply);
    return;
  }
  // There in a moment, or gone: whoever asks hears which.
  if ((removing_ || create_reply_) && !start_reply_) {
    start_reply_ = std::move(reply);
    return;
  }
  if (start_reply_ || (state_ != ContainerState::kCreated && state_ != ContainerState::kStopped)) {
    return reply.Fail(WrongState("start", state_));
  }
  if (cgroup_ && !alive()) return reply.Fail(Fail("start", EAGAIN, "stopping"));
  DropRestart();
  restarts_ = Restarts();
  stopped_by_user_ = false;
  start_reply_ = std::move(reply);
  if (state_ == ContainerState::kCreated) return BeginStart();
  // Who works on the files as they are stored has the root mounted.
  ReleaseFiles([self = shared_from_this()] { self->StartAgain(); });
}

void Container::StartAgain() {
  if (!start_reply_ && !restarting_) return;
  if (const auto prepared = Prepare(); !prepared.ok()) {
    ReleaseProcess();
    FailStart(prepared.failure());
  }
}

bool Container::CancelCreate(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  if (!copying_ || !create_reply_ || create_reply_->request() != request || create_reply_->connection() != connection) return false;
  KillAll();
  return true;
}

void Container::Wait(Reply reply) {
  if (state_ == ContainerState::kStopped && !restart_timer_) return reply.Ok({{"exit", ExitJson(*exit_)}});
  waiting_.push_back(std::move(reply));
}

Status Container::Kill(int signal) {
  if (!alive()) return WrongState("kill", state_);
  // Docker's rule: this is how it is stopped, whatever becomes of it.
  if (signal == SIGKILL || signal == request_.stop_signal) stopped_by_user_ = true;
  if (signal == SIGKILL) {
    KillAll();
    return {};
  }
  Receive();
  if (sys::pidfd_send_signal(launched_.pidfd.get(), signal) != 0) return Errno("kill", std::to_string(signal));
  return {};
}

void Container::KillAll() {
  if (copying_) context_.background->Kill(*copying_);
  if (cgroup_) (void)cgroup_->Kill();
  if (launched_.pidfd) sys::pidfd_send_signal(launched_.pidfd.get(), SIGKILL);
}

void Container::Stop(int signal, std::int64_t timeout_ms, Reply reply) {
  if (alive() || restart_timer_ || restarting_ || copying_) stopped_by_user_ = true;
  CancelRestart();
  if (state_ == ContainerState::kStopped) return reply.Ok({{"exit", ExitJson(*exit_)}});
  stopping_.push_back(std::move(reply));
  const bool started = state_ == ContainerState::kRunning || state_ == ContainerState::kPaused;
  Receive();
  if (!started || timeout_ms <= 0 || signal == SIGKILL) return KillAll();
  (void)Kill(signal);
  // A frozen process never sees the signal.
  if (const bool freezing = freezing_.under_way(); (freezing || state_ == ContainerState::kPaused) && cgroup_) {
    freezing_.Cancel();
    (void)cgroup_->Freeze(false, kFreezeTimeoutMs);
  }
  if (stop_timer_) context_.loop->Cancel(*stop_timer_);
  stop_timer_ = context_.loop->After(std::chrono::milliseconds(timeout_ms), [this] {
    stop_timer_.reset();
    KillAll();
  });
}

void Container::Pause(bool paused, Reply reply) {
  const auto wanted = paused ? ContainerState::kRunning : ContainerState::kPaused;
  if (state_ != wanted || freezing_.under_way()) return reply.Fail(WrongState(paused ? "pause" : "resume", state_));
  if (!cgroup_) return reply.Fail(Fail("cgroup limit", ENOTSUP, "freeze"));
  if (paused && health_) health_->Pause();
  freezing_.Begin(context_.loop, &*cgroup_, paused, [this, paused, reply](const Status& frozen) {
    if (health_ && paused != frozen.ok()) health_->Resume();
    if (!frozen.ok()) return reply.Fail(frozen.failure());
    state_ = paused ? ContainerState::kPaused : ContainerState::kRunning;
    WriteState();
    if (paused)
      context_.emit("paused", *this, Json::object());
    else
      context_.emit("running", *this, {{"pid", launched_.pid}, {"reason", "resumed"}});
    reply.Ok();
  });
}

Status Container::Update(const Json& message) {
  const Json& resources = Member(message, "resources");
  const auto parsed = TSC_TRY(ParseResources(resources));
  const auto restart = TSC_TRY(ParseRestartPolicy(Member(message, "restart")));
  TSC_TRY(context_.host->cgroups->Check(parsed));
  Json limits = request_.limits->is_object() ? *request_.limits : Json::object();
  limits.merge_patch(resources);
  if (limits.contains("memory")) limits["memory"].erase("checkBeforeUpdate");
  auto merged = TSC_TRY(ParseResources(limits));
  if (const Json& rate = Member(message, "rate"); rate.is_object()) TSC_TRY(LimitRate(rate));
  if (cgroup_) TSC_TRY(cgroup_->Apply(parsed));
  if (message.contains("restart")) SetRestartPolicy(restart);
  if (const std::string name = StringMember(message, "name"); !name.empty()) TSC_TRY(Rename(name));
  if (resources.empty()) return {};
  // What it starts with the next time.
  request_.limits = std::make_shared<const Json>(std::move(limits));
  request_.resources = std::move(merged);
  return request_.detached ? RecordLimits(*context_.host, id(), *request_.limits) : Status{};
}

Result<Json> Container::Stats() {
  if (!alive()) return WrongState("stats", state_);
  CountIo();
  const bool own_network = request_.spec.namespace_of(CLONE_NEWNET) != nullptr;
  return ReportStats(cgroup_, own_network ? std::optional(launched_.pid) : std::nullopt);
}

// From the first time that somebody asks.
void Container::CountIo() {
  if (!cgroup_) return;
  const auto entered = cgroup_->EnterIo();
  if (!entered.ok() || !*entered) return;
  context_.background->Run(cgroup_->descriptors(), [this] { (void)cgroup_->MoveIntoIo().ok(); });
}

Result<Json> Container::Processes() const {
  if (!alive()) return WrongState("processes", state_);
  std::vector<pid_t> roots{launched_.pid};
  for (const auto& entry : execs_) roots.push_back(entry.second->pid());
  return Json{{"processes", ListProcesses(roots)}};
}

void Container::Remove(bool force, bool volumes, Reply reply) {
  const bool started = state_ == ContainerState::kRunning || state_ == ContainerState::kPaused || state_ == ContainerState::kStarting;
  if (started && !force) return reply.Fail(WrongState("remove", state_));
  removing_replies_.push_back(std::move(reply));
  removes_volumes_ |= volumes;
  if (std::exchange(removing_, true)) return;
  DropRestart();
  removing_quietly_ = !started;  // a container that never ran does not stop
  if (alive() || copying_) return KillAll();
  if (!cgroup_) FinishRemove();
}

std::uint64_t Container::OomKills() const {
  if (!cgroup_) return oom_seen_;
  const auto kills = oom_ && oom_->alone() ? oom_->Count() : cgroup_->OomKills();
  return kills.ok() ? *kills : oom_seen_;
}

Json Container::Show(const std::shared_ptr<Connection>& asker) {
  shown_ = shown_ || !IsCreatedFor(asker);
  return Describe();
}

Json Container::Describe() const {
  // Until it runs again it has ended, whatever is being prepared.
  const bool running = state_ == ContainerState::kRunning || state_ == ContainerState::kPaused;
  const auto state = exit_ && !running ? ContainerState::kStopped : state_;
  Json description{{"id", id()},
                   {"name", request_.name},
                   {"state", StateName(state)},
                   {"pid", alive() ? Json(launched_.pid) : Json()},
                   {"exit", exit_ && state == ContainerState::kStopped ? ExitJson(*exit_) : Json()},
                   {"createdAt", created_at},
                   {"startedAt", started_at_ > 0 ? Json(started_at_) : Json()},
                   {"record", *request_.record},
                   {"detached", request_.detached},
                   {"ports", Ports()},
                   {"networks", Places()}};
  DescribeSupervision(&description);
  return description;
}

// Only a detached container outlives the memory of this process, so only its state is written.
void Container::WriteState() const {
  if (!request_.detached) return;
  const int root = context_.host->root_dir.get();
  const UniqueFd dir(::openat(root, ("containers/" + id()).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return;
  Json state = Describe();
  state.erase("record");
  state["bootId"] = BootId();
  state["stoppedByUser"] = stopped_by_user_;
  (void)WriteFileAtomic(dir.get(), "state.json", state.dump(-1, ' ', false, Json::error_handler_t::replace)).ok();
}

}  // namespace tsc
