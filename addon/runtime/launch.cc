// SPDX-License-Identifier: Apache-2.0
#include "runtime/launch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "core/paths.h"
#include "core/reap.h"
#include "core/syscalls.h"
#include "runtime/child_container.h"
#include "runtime/child_program.h"
#include "runtime/child_report.h"
#include "runtime/helper.h"
#include "runtime/namespace_visit.h"
#include "runtime/plan_codec.h"

namespace tsc {
namespace {

struct SocketPair {
  UniqueFd parent, child;
};

Result<SocketPair> NewControl() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("socketpair");
  SocketPair sockets{UniqueFd(pair[0]), UniqueFd(pair[1])};
  if (::fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0) return Errno("set nonblocking");
  return sockets;
}

int NamespaceFlags(const Spec& spec) {
  int flags = 0;
  for (const auto& entry : spec.namespaces)
    if (entry.path.empty()) flags |= entry.flag;
  return flags;
}

std::string MapText(const std::vector<IdMapping>& mappings) {
  std::string text;
  for (const auto& m : mappings) text += std::to_string(m.container) + " " + std::to_string(m.host) + " " + std::to_string(m.size) + "\n";
  return text;
}

Status WriteMaps(pid_t pid, const std::vector<IdMapping>& uids, const std::vector<IdMapping>& gids) {
  const std::string proc = "/proc/" + std::to_string(pid);
  const UniqueFd dir(::open(proc.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Errno("open", proc);
  TSC_TRY(WriteFileAt(dir.get(), "uid_map", MapText(uids)));
  return WriteFileAt(dir.get(), "gid_map", MapText(gids));
}

Status SetOomScore(pid_t pid, const Process& process) {
  if (!process.oom_score_adj) return {};
  const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
  const std::string score = std::to_string(*process.oom_score_adj);
  const auto written = WriteFileAt(AT_FDCWD, path.c_str(), score);
  return written.ok() ? Status{} : Status(Fail("set oom score", written.failure().error, score));
}

// Clones without sharing anything. The child's copy of the caller's descriptors goes with ChildCloseOthers and exec.
pid_t Clone(int flags, int cgroup, int* pidfd) {
  clone_args args{};
  args.flags = static_cast<std::uint64_t>(flags) | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(pidfd);
  if (!(flags & CLONE_PARENT)) args.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  return sys::clone3(args);
}

// What was cloned but cannot go on: gone before the caller hears of it.
void Discard(const Launched& launched) { KillAndReap(launched.pidfd.get()); }

Status TellMapped(const Launched& launched, const std::vector<IdMapping>& uids, const std::vector<IdMapping>& gids) {
  TSC_TRY(WriteMaps(launched.pid, uids, gids));
  return TellChild(launched.control.get(), ChildCommand::kMapped);
}

// Who is to be born in namespaces of a container: a helper enters them, and its child is, by CLONE_PARENT, our own.
struct Birth {
  JoinedNamespaces joined;
  int flags = 0;
  int cgroup = -1;
  std::function<void()> child;
  int pidfd = -1;
  pid_t pid = -1;
  const char* step = "clone";
  int error = 0;
};

int GiveBirth(void* argument) {
  auto* birth = static_cast<Birth*>(argument);
  for (const auto& [fd, kind] : birth->joined.by_path) {
    if (::setns(fd, kind) == 0) continue;
    birth->step = "join namespace";
    birth->error = errno;
    return 0;
  }
  if (birth->joined.kinds != 0 && ::setns(birth->joined.target, birth->joined.kinds) != 0) {
    birth->step = "join namespaces";
    birth->error = errno;
    return 0;
  }
  birth->pid = Clone(CLONE_PARENT | birth->flags, birth->cgroup, &birth->pidfd);
  if (birth->pid < 0) birth->error = errno;
  if (birth->pid == 0) birth->child();
  return 0;
}

Status BearInside(Birth* birth) {
  TSC_TRY(RunInHelper(GiveBirth, birth));
  if (birth->error != 0) return Fail(birth->step, birth->error);
  if (birth->pid > 0) return {};
  // Somebody killed the helper, before its clone or just after.
  if (birth->pidfd >= 0) Discard({0, UniqueFd(birth->pidfd), {}, {}, {}});
  return Fail("clone", ECHILD, "helper");
}

// The same where only the pid namespace is joined, which concerns none but our children.
Status BearInPidNamespace(Birth* birth) {
  const auto bear = [birth] {
    birth->pid = Clone(birth->flags, birth->cgroup, &birth->pidfd);
    if (birth->pid < 0) birth->error = errno;
    if (birth->pid == 0) birth->child();
  };
  const auto join_and_bear = [birth, &bear] {
    if (::setns(birth->joined.target, CLONE_NEWPID) == 0) return bear();
    birth->step = "join namespaces";
    birth->error = errno;
  };
  if (!birth->joined.any())
    bear();
  else if (!VisitNamespace(CLONE_NEWPID, join_and_bear))
    return BearInside(birth);
  return birth->error == 0 ? Status{} : Status(Fail(birth->step, birth->error));
}

using Child = std::function<void(int control, int exec_status)>;

Result<Launched> LaunchChild(int flags, int cgroup, const Child& child, const JoinedNamespaces& joined = {}) {
  KnowSignals();  // here, since a helper must not allocate
  auto control = TSC_TRY(NewControl());
  int status[2];
  if (::pipe2(status, O_CLOEXEC) != 0) return Errno("pipe");
  UniqueFd status_read(status[0]), status_write(status[1]);
  Birth birth;
  birth.joined = joined;
  birth.flags = flags & ~CLONE_NEWCGROUP;  // that one is the child's to make, in its cgroups
  birth.cgroup = cgroup;
  birth.child = [&] {
    control.parent.reset();
    status_read.reset();
    child(control.child.get(), status_write.get());
    ::_exit(125);
  };
  if (joined.any()) {
    TSC_TRY(BearInside(&birth));
  } else {
    birth.pid = Clone(birth.flags, cgroup, &birth.pidfd);
    if (birth.pid < 0) return Errno("clone");
    if (birth.pid == 0) birth.child();
  }
  return Launched{birth.pid, UniqueFd(birth.pidfd), std::move(control.parent), std::move(status_read), {}};
}

}  // namespace

bool JoinedNamespaces::has(int kind) const {
  return (kinds & kind) != 0 || std::any_of(by_path.begin(), by_path.end(), [kind](const auto& entry) { return entry.second == kind; });
}

Result<Launched> LaunchContainer(const ContainerPlan& plan) {
  const int namespaces = NamespaceFlags(plan.spec);
  const auto child = [&](int control, int exec_status) { ChildRunContainer(plan, control, exec_status, namespaces); };
  auto launched = TSC_TRY(LaunchChild(namespaces, plan.cgroup, child, plan.joined));
  auto finished = plan.spec.process ? SetOomScore(launched.pid, *plan.spec.process) : Status{};
  if (finished.ok() && (namespaces & CLONE_NEWUSER)) finished = TellMapped(launched, plan.spec.uid_mappings, plan.spec.gid_mappings);
  if (finished.ok()) return launched;
  Discard(launched);
  return finished.failure();
}

Result<Launched> LaunchParked(ParkedRequest& request) {
  const int namespaces = kParkedNamespaces | (request.id_maps.empty() ? 0 : CLONE_NEWUSER);
  const int flags = namespaces | (request.sibling ? CLONE_PARENT : 0);
  auto launched = TSC_TRY(
      LaunchChild(flags, request.cgroup, [&](int control, int exec_status) { ChildRunParked(request, control, exec_status, namespaces); }));
  launched.mounts.reset(::open(("/proc/" + std::to_string(launched.pid) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
  if (request.id_maps.empty()) return launched;
  const auto mapped = TellMapped(launched, request.id_maps, request.id_maps);
  if (mapped.ok()) return launched;
  if (!request.sibling) {
    Discard(launched);
    return mapped.failure();
  }
  sys::pidfd_send_signal(launched.pidfd.get(), SIGKILL);
  return launched;  // its parent reaps it, and must know it for that
}

Status Unpark(const Launched& parked, const ContainerPlan& plan) { return SendPlan(parked.control.get(), plan); }

Result<Launched> LaunchExec(ExecPlan& plan) {
  KnowSignals();
  auto control = TSC_TRY(NewControl());
  Birth birth;
  birth.joined = {plan.target, plan.namespaces & CLONE_NEWPID, {}};
  birth.cgroup = plan.cgroup;
  birth.child = [&] { ChildRunExec(plan, control.child.get()); };
  TSC_TRY(BearInPidNamespace(&birth));
  Launched launched;
  launched.pid = birth.pid;
  launched.pidfd.reset(birth.pidfd);
  launched.control = std::move(control.parent);
  if (const auto scored = SetOomScore(launched.pid, plan.process); !scored.ok()) {
    Discard(launched);
    return scored.failure();
  }
  return launched;
}

}  // namespace tsc
