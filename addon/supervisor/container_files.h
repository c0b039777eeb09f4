// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "files/file_root.h"
#include "supervisor/background.h"
#include "supervisor/file_process.h"
#include "supervisor/host.h"
#include "supervisor/reply.h"
#include "supervisor/stored_root.h"

namespace tsc {

// Where a container's files can be reached now.
struct FileBase {
  enum Kind {
    kWait,    // it is on its way from one to another
    kLive,    // in its first process's namespaces
    kStored,  // in its directory: it does not run
    kGone
  };
  Kind kind = kWait;
  FileRootTarget target = {};
  bool never_started = false;
};

// The `file` operations of one container. One worker does the short calls, one after the other, and stays for a while; each copy and each
// watch has a worker of its own. All of them join the namespaces of the container's first process or, when it is stopped, of a process of
// ours that holds its root mounted: that one is never there while the container has it.
//
// What a worker was doing ends with the container's process; what had not begun then goes on in the root as it is stored. It outlives its
// container until the last of its children is gone.
class ContainerFiles : public std::enable_shared_from_this<ContainerFiles> {
 public:
  struct Plan {
    EventLoop* loop;
    const Host* host;
    Background* background;
    StoredRoot stored;
    std::function<FileBase()> base;
  };
  explicit ContainerFiles(Plan plan) : plan_(std::move(plan)) {}

  void Ask(const Json& message, std::vector<UniqueFd>* descriptors, Reply reply);
  // False: it is no request that waits or is answered by the kept worker.
  bool Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request);
  // Nobody is left to be answered.
  void Abandon(const std::shared_ptr<Connection>& connection);
  // The base has changed.
  void Pump();
  // The base is gone: what is under way fails.
  void End(const Failure& failure);
  // Calls `released` when nothing of ours holds the root any more: what is under way comes to its end, and nothing new begins. Watches end.
  void Release(std::function<void()> released);

 private:
  struct Request {
    Json message;
    std::vector<UniqueFd> descriptors;
    Reply reply;
    bool Is(const char* op) const { return StringMember(message, "op") == op; }
  };

  bool Free() const { return !holder_ && !caller_ && jobs_.empty(); }
  bool Idle() const { return !current_ && jobs_.empty(); }
  bool EnsureHolder();
  void BeginCall(const FileRootTarget& target, Request request);
  void BeginJob(const FileBase& base, const FileRootTarget& target, Request request);
  void OnHolder(const Packet& packet);
  void OnAnswer(const Packet& packet);
  void OnCallerEnd();
  void OnHolderEnd();
  void AfterEnd();
  void FailWaiting(const Failure& failure);
  void Rest();
  void KillIdle();

  Plan plan_;
  std::deque<Request> waiting_;
  std::optional<Reply> current_;  // what the caller works at
  std::unique_ptr<FileProcess> holder_, caller_;
  bool holding_ = false;
  bool canceled_ = false;
  std::map<int, bool> jobs_;  // of Background → it is a watch
  bool leaving_ = false;
  std::function<void()> released_;
  std::optional<EventLoop::TimerId> rest_timer_;
};

}  // namespace tsc
