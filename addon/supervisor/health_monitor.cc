// SPDX-License-Identifier: Apache-2.0
#include "supervisor/health_monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "supervisor/container.h"

namespace tsc {
namespace {

// What a check has written when it ends is in the pipe. What it left running may write for ever.
constexpr int kLastReads = 16;
// A container's end kills its check first. Until that end is known nobody can say whose fault it was.
constexpr std::chrono::milliseconds kBenefitOfDoubt{250};

std::string Sentence(const Failure& failure) {
  return failure.step + (failure.object.empty() ? "" : " " + failure.object) + ": " + std::strerror(failure.error);
}

}  // namespace

void HealthMonitor::Begin() {
  Drop();
  begun_ = true;
  state_.Begin();
  began_ = EventLoop::Clock::now();
  container_->OnHealth();
  Arm();
}

void HealthMonitor::End() {
  Drop();
  state_.End();
}

void HealthMonitor::Restore(const Json& description) {
  if (!description.is_object()) return;
  begun_ = true;
  state_.Restore(description);
  state_.End();
}

std::chrono::milliseconds HealthMonitor::Age() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(EventLoop::Clock::now() - began_);
}

void HealthMonitor::Arm() {
  timer_ = loop_->After(state_.NextDelay(check_.settings, Age()), [this] {
    timer_.reset();
    Run();
  });
}

void HealthMonitor::Run() {
  ++run_;
  started_at_ = NowMs();
  age_ = Age();
  text_.clear();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Take(-1, Sentence(Errno("pipe")));
  output_.reset(ends[0]);
  std::vector<UniqueFd> writers;
  writers.emplace_back(ends[1]);
  writers.emplace_back(::fcntl(ends[1], F_DUPFD_CLOEXEC, 0));
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  loop_->Add(output_.get(), EPOLLIN, [this](std::uint32_t) { OnOutput(); });
  const auto done = [this, run = run_](const Result<Json>& outcome) {
    if (run == run_) OnEnd(outcome);
  };
  auto exec = container_->RunCheck(check_, &writers, done);
  if (!exec.ok()) return Take(-1, Sentence(exec.failure()));
  exec_ = std::move(*exec);
}

// The beginning is kept; the rest goes away, so that it holds nobody up.
void HealthMonitor::OnOutput() {
  char data[HealthResult::kLongestOutput];
  const ssize_t n = ::read(output_.get(), data, sizeof data);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return CloseOutput();
  const auto room = HealthResult::kLongestOutput - text_.size();
  text_.append(data, std::min(room, static_cast<std::size_t>(n)));
  if (text_.size() < HealthResult::kLongestOutput) return;
  loop_->Remove(output_.get());
  rest_.emplace(loop_, std::move(output_));
  rest_->Begin();
}

void HealthMonitor::OnEnd(const Result<Json>& outcome) {
  exec_.clear();
  for (int i = 0; i < kLastReads && output_; ++i) OnOutput();
  CloseOutput();
  if (!outcome.ok()) return Take(-1, Sentence(outcome.failure()));
  if (BoolMember(*outcome, "timedOut")) {
    return Take(-1, "Health check exceeded timeout (" + std::to_string(check_.settings.timeout.count()) + "ms): " + text_);
  }
  const int code = static_cast<int>(IntMember(*outcome, "exitCode"));
  if (IntMember(*outcome, "signal") != SIGKILL) return Take(code, std::move(text_));
  timer_ = loop_->After(kBenefitOfDoubt, [this, code] {
    timer_.reset();
    Take(code, std::move(text_));
  });
}

void HealthMonitor::Take(int exit_code, std::string output) {
  CloseOutput();
  output.resize(std::min(output.size(), HealthResult::kLongestOutput));
  const auto before = state_.status();
  state_.Take(check_.settings, {started_at_, NowMs(), exit_code, std::move(output)}, age_);
  Arm();
  if (state_.status() != before) container_->OnHealth();
}

void HealthMonitor::CloseOutput() {
  rest_.reset();
  if (!output_) return;
  loop_->Remove(output_.get());
  output_.reset();
}

void HealthMonitor::Drop() {
  ++run_;
  if (timer_) loop_->Cancel(*std::exchange(timer_, std::nullopt));
  CloseOutput();
  if (!exec_.empty()) (void)container_->KillExec(std::exchange(exec_, {}), SIGKILL).ok();
}

}  // namespace tsc
