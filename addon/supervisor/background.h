// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/event_loop.h"
#include "supervisor/reply.h"

namespace tsc {

// Work that may take long, each piece in a forked child: the loop never waits for it.
class Background {
 public:
  using Work = std::function<Result<Json>(const std::function<void(const Json&)>& progress)>;

  Background(EventLoop* loop, std::function<void()> on_idle) : loop_(loop), on_idle_(std::move(on_idle)) {}

  // The child's progress and result go to `reply`. Of the descriptors it keeps those in `keep`.
  // `ended` is called when the child is gone; until then the number names the job. -1: it could not be started, and the reply says so.
  int Run(const Reply& reply, const std::vector<int>& keep, const Work& work, std::function<void()> ended = nullptr);
  // For the supervisor itself: `done` gets the result, after the last thing the child did, and until then the number names the job.
  using Done = std::function<void(Result<Json> result)>;
  Result<int> Run(const std::vector<int>& keep, const Work& work, Done done);
  // `done` or the reply then gets ECANCELED, or that failure, when the child is gone.
  void Kill(int job, std::optional<Failure> because = std::nullopt);
  // Nobody waits for the result.
  void Run(const std::vector<int>& keep, const std::function<void()>& work);
  // Ends the child that works for this request of this connection; its reply is then ECANCELED. False: there is none.
  bool Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request);
  // Ends all that was begun for a connection which is gone.
  void Abandon(const std::shared_ptr<Connection>& connection);
  bool idle() const { return jobs_.empty(); }

 private:
  struct Job {
    std::optional<Reply> reply;
    Done done;
    std::weak_ptr<Connection> connection;
    UniqueFd pidfd, output;
    std::string text;
    bool canceled = false;
    std::optional<Failure> because;
    std::function<void()> ended;
  };

  Result<std::shared_ptr<Job>> Start(std::vector<int> keep, const std::function<void(int output)>& child);
  Result<std::shared_ptr<Job>> StartWork(const std::vector<int>& keep, const Work& work);
  void OnOutput(const std::shared_ptr<Job>& job);
  void OnEnd(const std::shared_ptr<Job>& job);
  void TakeLine(const std::shared_ptr<Job>& job, const std::string& line);
  static void Finish(const std::shared_ptr<Job>& job, const Result<Json>& result);

  EventLoop* loop_;
  std::function<void()> on_idle_;
  std::map<int, std::shared_ptr<Job>> jobs_;  // by pidfd
};

}  // namespace tsc
