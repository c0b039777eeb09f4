// SPDX-License-Identifier: Apache-2.0
#include "supervisor/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/reap.h"
#include "core/syscalls.h"
#include "supervisor/forked_child.h"

// A child writes one JSON object a line: {"progress":…} any number of times, then {"result":…} or {"error":{step,errno,object}}.
namespace tsc {
namespace {

constexpr std::size_t kLongestOutput = 16 << 20;

void WriteLine(int output, const Json& line) {
  (void)WriteAll(output, line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "output").ok();
}

}  // namespace

Result<std::shared_ptr<Background::Job>> Background::Start(std::vector<int> keep, const std::function<void(int output)>& child) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Errno("start worker");
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  keep.push_back(write_end.get());
  auto pidfd = TSC_TRY(ForkChild(std::move(keep), "tscontainer-worker", [&] { child(write_end.get()); }));
  ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  auto job = std::make_shared<Job>();
  job->pidfd = std::move(pidfd);
  job->output = std::move(read_end);
  jobs_[job->pidfd.get()] = job;
  loop_->Add(job->output.get(), EPOLLIN, [this, job](std::uint32_t) { OnOutput(job); });
  loop_->Add(job->pidfd.get(), EPOLLIN, [this, job](std::uint32_t) { OnEnd(job); });
  return job;
}

Result<std::shared_ptr<Background::Job>> Background::StartWork(const std::vector<int>& keep, const Work& work) {
  return Start(keep, [&work](int output) {
    const auto result = work([output](const Json& progress) { WriteLine(output, {{"progress", progress}}); });
    if (result.ok()) return WriteLine(output, {{"result", *result}});
    WriteLine(output, {{"error", FailureJson(result.failure())}});
  });
}

int Background::Run(const Reply& reply, const std::vector<int>& keep, const Work& work, std::function<void()> ended) {
  const auto started = StartWork(keep, work);
  if (!started) {
    reply.Fail(started.failure());
    return -1;
  }
  const auto& job = *started;
  job->reply = reply;
  job->connection = reply.connection();
  job->ended = std::move(ended);
  return job->pidfd.get();
}

Result<int> Background::Run(const std::vector<int>& keep, const Work& work, Done done) {
  const auto job = TSC_TRY(StartWork(keep, work));
  job->done = std::move(done);
  return job->pidfd.get();
}

void Background::Kill(int number, std::optional<Failure> because) {
  const auto it = jobs_.find(number);
  if (it == jobs_.end()) return;
  it->second->canceled = true;
  it->second->because = std::move(because);
  sys::pidfd_send_signal(number, SIGKILL);
}

void Background::Run(const std::vector<int>& keep, const std::function<void()>& work) {
  // Where no child can be had (a full process table) the caller's thread has to do it.
  if (Start(keep, [&work](int) { work(); }).ok()) return;
  work();
  if (jobs_.empty()) loop_->Later(on_idle_);
}

void Background::TakeLine(const std::shared_ptr<Job>& job, const std::string& line) {
  const Json message = Json::parse(line, nullptr, false);
  if (job->canceled) return;
  if (message.contains("progress")) {
    if (job->reply) job->reply->Progress(message["progress"]);
    return;
  }
  if (message.contains("result"))
    Finish(job, message["result"]);
  else
    Finish(job, FailureOf(Member(message, "error")));
}

void Background::Finish(const std::shared_ptr<Job>& job, const Result<Json>& result) {
  const auto reply = std::exchange(job->reply, std::nullopt);
  if (reply && result.ok())
    reply->Ok(*result);
  else if (reply)
    reply->Fail(result.failure());
  if (const auto done = std::exchange(job->done, nullptr)) done(result);
}

void Background::OnOutput(const std::shared_ptr<Job>& job) {
  char data[16384];
  while (job->output) {
    const ssize_t n = ::read(job->output.get(), data, sizeof data);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      loop_->Remove(job->output.get());
      job->output.reset();
      return;
    }
    job->text.append(data, static_cast<std::size_t>(n));
    for (auto end = job->text.find('\n'); end != std::string::npos; end = job->text.find('\n')) {
      TakeLine(job, job->text.substr(0, end));
      job->text.erase(0, end + 1);
    }
    if (job->text.size() > kLongestOutput) sys::pidfd_send_signal(job->pidfd.get(), SIGKILL);
  }
}

void Background::OnEnd(const std::shared_ptr<Job>& job) {
  siginfo_t info{};
  if (!TakeEnd(job->pidfd.get(), &info)) return;
  OnOutput(job);
  if (job->output) loop_->Remove(job->output.get());
  job->output.reset();
  // Nothing to tell any more, if a result has come.
  if (job->canceled)
    Finish(job, job->because.value_or(Fail("work", ECANCELED)));
  else
    Finish(job, Fail("run worker", info.si_code == CLD_EXITED ? ECHILD : EINTR, "signal or status " + std::to_string(info.si_status)));
  loop_->Remove(job->pidfd.get());
  jobs_.erase(job->pidfd.get());
  job->pidfd.reset();
  if (const auto ended = std::exchange(job->ended, nullptr)) ended();
  if (jobs_.empty()) loop_->Later(on_idle_);
}

bool Background::Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  for (auto& [fd, job] : jobs_) {
    if (!job->reply || job->connection.lock() != connection || job->reply->request() != request) continue;
    job->canceled = true;
    sys::pidfd_send_signal(fd, SIGKILL);
    return true;
  }
  return false;
}

void Background::Abandon(const std::shared_ptr<Connection>& connection) {
  for (auto& [fd, job] : jobs_) {
    if (job->reply && job->connection.lock() == connection) sys::pidfd_send_signal(fd, SIGKILL);
  }
}

}  // namespace tsc
