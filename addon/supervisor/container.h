// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/driver.h"
#include "runtime/launch.h"
#include "supervisor/container_context.h"
#include "supervisor/container_files.h"
#include "supervisor/container_state.h"
#include "supervisor/create_request.h"
#include "supervisor/event_loop.h"
#include "supervisor/exec_cgroups.h"
#include "supervisor/exec_history.h"
#include "supervisor/freezing.h"
#include "supervisor/host.h"
#include "supervisor/life_limits.h"
#include "supervisor/main_stdio.h"
#include "supervisor/pressure_watches.h"
#include "supervisor/reply.h"
#include "supervisor/restart_policy.h"

namespace tsc {

class ExecProcess;
class HealthMonitor;
struct CopiedRoot;
struct Endpoint;

// One container: its process, cgroup, mounts, log and files, and the requests that wait for it. Lives in the supervisor's only thread.
class Container : public std::enable_shared_from_this<Container> {
 public:
  Container(ContainerContext context, CreateRequest request);
  ~Container();

  const std::string& id() const { return request_.id; }
  const CreateRequest& request() const { return request_; }
  ContainerState state() const { return state_; }
  bool alive() const { return static_cast<bool>(launched_.pidfd); }
  bool restart_pending() const { return restart_timer_.has_value(); }
  // The last of it is gone.
  bool settled() const { return !alive() && !cgroup_; }
  // Of its first process; -1 when there is none.
  int pidfd() const { return launched_.pidfd.get(); }

  void SetSeccomp(std::shared_ptr<const SeccompProgram> program) { request_.seccomp = std::move(program); }
  void Create(Reply reply);
  // False: it is not that request which waits, or what it waits for cannot be taken back.
  bool CancelCreate(const std::shared_ptr<Connection>& connection, std::int64_t request);
  // Takes over what an earlier owner left: a stopped container, from its files.
  void Adopt(std::optional<ExitInfo> exit, double created_at);
  void Start(Reply reply);
  void Wait(Reply reply);
  void Stop(int signal, std::int64_t timeout_ms, Reply reply);
  Status Kill(int signal);
  void Pause(bool paused, Reply reply);
  // The `update` message: resources, and the restart policy and the name if it has them.
  Status Update(const Json& message);
  Result<Json> Stats();
  Result<Json> Processes() const;
  // `volumes`: its anonymous volumes go, too.
  void Remove(bool force, bool volumes, Reply reply);
  void Exec(const Json& request, std::vector<UniqueFd>* descriptors, Reply reply);
  // ESRCH: no such exec here.
  Status KillExec(const std::string& exec, int signal);
  // What it sends on a network goes by a bad line as long as `owner` is connected. EINVAL: it is not on that network.
  Status Impair(const Json& message, const std::shared_ptr<Connection>& owner);
  void AbandonImpairments(const std::shared_ptr<Connection>& connection);
  // An attachment, or an exec.
  bool CancelRequest(const std::shared_ptr<Connection>& connection, std::int64_t request);
  // That connection is gone, and with it its attachments, and its execs but the detached ones.
  void Abandon(const std::shared_ptr<Connection>& connection);
  MainStdio& stdio() { return stdio_; }
  // Running ones and, for a while, those that have ended; or the one of that id.
  Json Execs(const std::string& exec);
  // ESRCH as for KillExec.
  Status WaitExec(const std::string& exec, const Reply& reply);
  Status DetachExec(const std::string& exec);
  Json Describe() const;
  // The same for somebody who from now on is told of its end, even if it never comes into being.
  Json Show(const std::shared_ptr<Connection>& asker);

  // container_join.cc
  // For who wants to share its namespaces: its first process, and which are its own.
  void TellNamespaces(const Reply& reply) const;

  // container_restart.cc
  // As its policy says after a boot.
  void StartByPolicy();
  void SetRestartPolicy(const RestartPolicy& policy);
  // Takes over what DescribeSupervision gave to an earlier owner.
  void RestoreSupervision(const Json& state);
  bool stopped_by_user() const { return stopped_by_user_; }
  // Somebody does something with it: docs/protocol.md, "Limits of a life".
  void Touch() { limits_.Touch(); }

  // health_monitor.h
  // Runs the check's command, its output to `output`; the id of its exec.
  Result<std::string> RunCheck(const HealthCheck& check, std::vector<UniqueFd>* output,
                               std::function<void(const Result<Json>& outcome)> done);
  void OnHealth();

  // container_network.cc
  Json Ports() const;
  Json Places() const;
  // Now, and at each start from now on.
  Status ConnectNetwork(const Json& message);
  // Another policy of its own (null: none), or that of its networks once more, which is another one now.
  Status ChangeEgress(const Json& message);
  // Answers when the link is gone.
  void DisconnectNetwork(const std::string& network, const Reply& reply);

  // container_file_base.cc
  void AskFiles(const Json& request, std::vector<UniqueFd>* descriptors, Reply reply);
  bool CancelFiles(const std::shared_ptr<Connection>& connection, std::int64_t request) {
    return files_ && files_->Cancel(connection, request);
  }
  void AbandonFiles(const std::shared_ptr<Connection>& connection) {
    if (files_) files_->Abandon(connection);
  }
  // Calls back when nobody works on its files any more.
  void ReleaseFiles(std::function<void()> released);

  // It asked for this container and has no answer yet: should it go away now, nobody would know of what it made.
  bool IsCreatedFor(const std::shared_ptr<Connection>& connection) const {
    return create_reply_ && create_reply_->connection() == connection;
  }

  std::weak_ptr<Connection> owner;
  double created_at = 0;

 private:
  friend class ExecProcess;

  // container_launch.cc
  Status ClaimFiles();
  CopiedRoot RootToCopy() const;
  // container_volumes.cc
  Status ClaimVolumes();
  Status FillVolumesAndLaunch();
  std::vector<VolumeUse> RemoteVolumes() const;
  void KeepVolumes();
  void DropVolumes();

  Status Prepare();
  void OnCopied(const Status& copied);
  Status Launch();
  Result<Cgroup> CreateCgroup();
  Status LaunchOwn(ContainerPlan* plan);
  bool FitsParked() const;
  Result<bool> LaunchFromParked(ContainerPlan* plan);
  bool HoldsOthersThings() const;
  bool CgroupsAreReadOnly() const;
  Result<ContainerPlan> MakePlan();
  Status MakeDevices(ContainerPlan* plan) const;
  Status MakeRoot(ContainerPlan* plan);
  Status MountRoot(ContainerPlan* plan);
  Status JoinOther(ContainerPlan* plan);
  Status MakeStdio(ContainerPlan* plan);
  // Of a pipe of the engine's own: it becomes that of root in the container, who gives it to the user.
  bool GivePipe(const UniqueFd& pipe) const;
  // container_memory.cc
  Status MakeMemoryFiles();
  void AddMemoryMounts(Spec* spec) const;
  std::vector<UniqueFd> TakeListeners();
  // A limit on processes where there is no controller for it: RLIMIT_NPROC, which the kernel counts for each user namespace and user.
  void LimitProcesses(Process* process) const;
  void WatchLaunched();
  // Its places on networks, before its program can run.
  Status Connect();
  // Whether new connections of ports that it shares come to it: while it runs, is healthy, and nobody has asked it to end.
  void Receive();
  std::vector<std::string> NetworkNames() const;
  std::vector<std::string> NetworkIds() const;
  Status RecordPlaces() const;
  Status Shape();
  Status LimitRate(const Json& wanted);
  Status Shape(const Endpoint& endpoint);
  Status ShapeOn(const std::string& network);
  // CLONE_NEW… of those that it does not share with the supervisor.
  int OwnNamespaces() const;

  FileBase BaseOfFiles() const;
  void EndFiles(const Failure& failure);
  void PumpFiles();
  void StartAgain();

  // container_end.cc
  void OnControl();
  void OnReady();
  void BeginStart();
  void BecomeRunning();
  void OnExecStatus();
  void CountOom(int recounts);
  void OnProcessEnd();
  void FinishEnd();
  void ReleaseProcess();
  void ReleaseDescriptors();
  void LetMountsGo();
  void RemoveCgroup(int attempt);
  void RemoveFiles();
  void FinishRemove();
  ExitInfo MakeExit(const siginfo_t& info, const rusage& usage);
  void FailStart(const Failure& failure);

  // container_restart.cc
  void PlanRestart();
  void ArmRestart(std::chrono::milliseconds delay);
  void Restart();
  // True: there was one to come.
  bool DropRestart();
  // It stays as it is, and who waits for its end hears so.
  void CancelRestart();
  void EndAtLimit(const char* reason);
  bool HasOwnExecs() const;
  void DescribeSupervision(Json* description) const;
  void TellStopped();

  Status Rename(const std::string& name);
  void WriteState() const;
  void KillAll();
  std::uint64_t OomKills() const;
  void CountIo();

  ContainerContext context_;
  CreateRequest request_;
  ContainerState state_ = ContainerState::kPreparing;
  bool paused_by_user_ = false;
  bool removing_ = false;
  bool removing_quietly_ = false;  // its owner is gone: nobody is left to be told of the stop
  bool shown_ = false;             // to somebody beside its creator
  bool files_exist_ = false;
  std::optional<int> copying_;  // the job that makes its root, where there is no overlay, or fills its volumes

  std::vector<UniqueFd> held_volumes_;
  std::vector<std::string> made_volumes_;  // by this creation
  bool removes_volumes_ = false;

  std::vector<UniqueFd> listeners_;        // sockets for its creator, until that has them
  std::optional<ParkedRoot> parked_root_;  // until it is mounted
  Launched launched_;
  UniqueFd mounts_;                              // of the life that ended
  std::vector<Endpoint> endpoints_;              // its places on networks
  std::map<std::string, Impaired> impairments_;  // by the network
  std::optional<int> ended_status_;              // by init, of the main process
  std::optional<Failure> failure_;               // reported by the child
  std::optional<Cgroup> cgroup_;
  std::optional<OomWatch> oom_;
  std::uint64_t oom_seen_ = 0;
  PressureWatches pressure_;
  Freezing freezing_;
  std::optional<std::uint64_t> nproc_limit_;
  MainStdio stdio_;
  std::optional<ExitInfo> exit_;
  std::optional<EventLoop::TimerId> stop_timer_, oom_timer_, mounts_timer_;

  std::optional<Reply> create_reply_, start_reply_;
  std::optional<std::pair<Reply, Failure>> create_failed_;  // to be said when the last trace is gone
  std::vector<Reply> waiting_, stopping_, removing_replies_;
  std::map<std::string, std::shared_ptr<ExecProcess>> execs_;
  ExecCgroups exec_cgroups_;
  ExecHistory exec_history_;

  Restarts restarts_;
  std::optional<EventLoop::TimerId> restart_timer_;
  double started_at_ = 0, next_restart_at_ = 0;
  bool restarting_ = false;       // the start under way is the policy's
  bool stopped_by_user_ = false;  // since the last start that somebody asked for
  std::string stop_reason_;
  EventLoop::Clock::time_point running_since_{};
  LifeLimits limits_;
  std::shared_ptr<ContainerFiles> files_;  // if anybody ever asked for them
  std::unique_ptr<HealthMonitor> health_;  // the last member: it ends while the others are there
};

double NowMs();
std::int64_t Milliseconds(const timeval& time);

}  // namespace tsc
