// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/cgroup.h"
#include "runtime/launch.h"
#include "supervisor/event_loop.h"
#include "supervisor/exec_cgroups.h"
#include "supervisor/output_drain.h"
#include "supervisor/reply.h"

namespace tsc {

class Container;

// One process run in a container beside its main one. Its end takes its whole tree along, unless it is detached.
class ExecProcess : public std::enable_shared_from_this<ExecProcess> {
 public:
  // For the supervisor itself: `done` gets the outcome, and nobody else is told.
  using Done = std::function<void(const Result<Json>& outcome)>;

  ExecProcess(const std::shared_ptr<Container>& container, Reply reply) : container_(container), reply_(std::move(reply)) {}
  ExecProcess(const std::shared_ptr<Container>& container, Done done) : container_(container), done_(std::move(done)) {}

  Status Start(const Json& message, std::vector<UniqueFd>* descriptors);
  Status Kill(int signal);
  // The requester gave up: everything ends, the request with ECANCELED.
  void Cancel();

  // That it runs, if nobody was told of it yet: what is told next comes after that.
  void TellUntold();
  // Answers with the result when it has ended.
  void Wait(const Reply& reply) { waiting_.push_back(reply); }
  // Its requester lets go and leaves it running; what it writes is read on, so that it does not wait.
  void Detach();
  // The requester of a detached one has gone.
  void Leave();
  Json Describe() const;

  const std::string& id() const { return id_; }
  bool own() const { return static_cast<bool>(done_); }
  bool detached() const { return detached_; }
  pid_t pid() const { return launched_.pid; }
  std::int64_t request() const { return reply_.request(); }
  std::shared_ptr<Connection> connection() const { return reply_.connection(); }

 private:
  Status Launch(const Json& message, std::vector<UniqueFd>* descriptors);
  Status MakeCgroup(const Json& message, ExecPlan* plan);
  ExecCgroups::Kind CgroupKind(const ExecPlan& plan) const;
  void OnControl();
  void Spawned();
  void TellSpawned();
  bool WasOomKilled();
  void GivePipes(const Json& message, Stdio* stdio) const;
  Status KeepOutputs(const Json& message, std::vector<UniqueFd>* descriptors);
  void OnEnd();
  void End(int grace_ms);
  void KillTree();
  void Settle(int attempt);
  void CountUse();
  void Finish();

  std::shared_ptr<Container> container_;
  Reply reply_;
  Done done_;
  std::string id_;
  Launched launched_;
  std::optional<ExecCgroup> cgroup_;
  std::optional<Failure> failure_;
  UniqueFd terminal_;  // until the requester has it
  std::deque<OutputDrain> drains_;
  std::vector<std::string> argv_;
  std::vector<Reply> waiting_;
  std::optional<EventLoop::TimerId> timer_;
  std::optional<EventLoop::TimerId> untold_;  // that it runs
  bool detached_ = false, minded_ = false, detachable_ = false, spawned_ = false, timed_out_ = false, canceled_ = false, finished_ = false;
  bool limited_ = false;  // alone
  int grace_ms_ = 0;
  double started_at_ = 0;
  std::uint64_t oom_before_ = 0;
  Json result_;
};

}  // namespace tsc
