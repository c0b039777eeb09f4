// SPDX-License-Identifier: Apache-2.0
#include <sys/random.h>

#include "supervisor/container.h"
#include "supervisor/exec_process.h"
#include "supervisor/health_monitor.h"

// What a container's owner does by itself, with nobody to ask for it: restarts, checks, limits of its life.
namespace tsc {
namespace {

// The last of the previous run has to be gone: the next one has its names.
constexpr std::chrono::milliseconds kUntilGone{20};

std::string NewId() {
  unsigned char bytes[32];
  std::string id;
  if (::getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof bytes)) return std::string(64, '0');
  for (const unsigned char byte : bytes) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

}  // namespace

void Container::PlanRestart() {
  if (removing_) return;
  const auto ran = std::chrono::duration_cast<std::chrono::milliseconds>(EventLoop::Clock::now() - running_since_);
  const auto delay = restarts_.After(request_.supervision.restart, {exit_->code, ran, stopped_by_user_});
  if (!delay) return;
  next_restart_at_ = NowMs() + static_cast<double>(delay->count());
  ArmRestart(*delay);
}

void Container::ArmRestart(std::chrono::milliseconds delay) {
  restart_timer_ = context_.loop->After(delay, [this] {
    restart_timer_.reset();
    Restart();
  });
}

void Container::Restart() {
  if (cgroup_) return ArmRestart(kUntilGone);
  restarting_ = true;
  ReleaseFiles([self = shared_from_this()] { self->StartAgain(); });
}

void Container::StartByPolicy() {
  restarts_ = Restarts();
  stopped_by_user_ = false;
  Restart();
}

bool Container::DropRestart() {
  next_restart_at_ = 0;
  // It has begun, and waits for those who still work on its files.
  const bool waiting = restarting_ && state_ == ContainerState::kStopped;
  if (waiting) restarting_ = false;
  if (!restart_timer_) return waiting;
  context_.loop->Cancel(*std::exchange(restart_timer_, std::nullopt));
  return true;
}

void Container::CancelRestart() {
  if (!DropRestart()) return;
  exit_->reason = stop_reason_;
  FinishEnd();
}

void Container::SetRestartPolicy(const RestartPolicy& policy) {
  request_.supervision.restart = policy;
  if (policy.when == RestartPolicy::When::kNo) CancelRestart();
  WriteState();
}

void Container::EndAtLimit(const char* reason) {
  if (!stopping_.empty()) return;
  const auto self = shared_from_this();
  stop_reason_ = reason;
  Stop(request_.stop_signal, request_.stop_timeout_ms, Reply());
}

bool Container::HasOwnExecs() const {
  for (const auto& entry : execs_)
    if (!entry.second->own()) return true;
  return false;
}

void Container::TellStopped() {
  for (const auto& entry : execs_) entry.second->TellUntold();
  context_.emit("stopped", *this,
                {{"exit", ExitJson(*exit_)}, {"willRestart", restart_timer_.has_value()}, {"pipedLogBytes", stdio_.piped_log()}});
}

void Container::DescribeSupervision(Json* description) const {
  (*description)["restart"] = RestartPolicyJson(request_.supervision.restart);
  (*description)["restartCount"] = restarts_.count();
  (*description)["nextRestartAt"] = next_restart_at_ > 0 ? Json(next_restart_at_) : Json();
  (*description)["health"] = health_ ? health_->Describe() : Json();
}

void Container::RestoreSupervision(const Json& state) {
  restarts_ = Restarts(static_cast<int>(IntMember(state, "restartCount")));
  stopped_by_user_ = BoolMember(state, "stoppedByUser");
  if (Member(state, "startedAt").is_number()) started_at_ = Member(state, "startedAt").get<double>();
  if (health_) health_->Restore(Member(state, "health"));
}

Result<std::string> Container::RunCheck(const HealthCheck& check, std::vector<UniqueFd>* output,
                                        std::function<void(const Result<Json>& outcome)> done) {
  auto exec = std::make_shared<ExecProcess>(shared_from_this(), std::move(done));
  const Json message{{"exec", NewId()},
                     {"process", check.process},
                     {"stdout", 0},
                     {"stderr", 1},
                     {"timeoutMs", check.settings.timeout.count()},
                     {"pipes", Json::array({"stdout", "stderr"})}};
  TSC_TRY(exec->Start(message, output));
  execs_[exec->id()] = exec;
  return exec->id();
}

void Container::OnHealth() {
  WriteState();
  Receive();
  context_.emit("health", *this, {{"status", HealthStatusName(health_->status())}});
}

}  // namespace tsc
