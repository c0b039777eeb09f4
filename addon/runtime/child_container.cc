// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_container.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_devices.h"
#include "runtime/child_identity.h"
#include "runtime/child_minder.h"
#include "runtime/child_mounts.h"
#include "runtime/child_program.h"
#include "runtime/child_report.h"
#include "runtime/own_memory.h"
#include "runtime/plan_codec.h"
#include "runtime/process_title.h"

namespace tsc {
namespace {

[[noreturn]] void Die(const Failure& failure, int control) {
  SendReport(control, FailureReport(failure));
  ::_exit(125);
}

void SayReady(int control) {
  if (!SendReport(control, ChildReport{})) ::_exit(125);
}

Status Await(int control, ChildCommand command) {
  char byte = 0;
  ssize_t n;
  do n = ::recv(control, &byte, 1, 0);
  while (n < 0 && errno == EINTR);
  if (n == 1 && byte == static_cast<char>(command)) return {};
  return Fail("wait for supervisor", n == 0 ? EPIPE : errno);
}

Status LoopbackUp() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Errno("socket", "lo");
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return Errno("set link up", "lo");
  return {};
}

Status SetNames(const Spec& spec) {
  if (!spec.hostname.empty() && ::sethostname(spec.hostname.data(), spec.hostname.size()) != 0) return Errno("set hostname", spec.hostname);
  if (!spec.domainname.empty() && ::setdomainname(spec.domainname.data(), spec.domainname.size()) != 0) {
    return Errno("set domainname", spec.domainname);
  }
  return {};
}

// A kernel without keyrings has none to share, and where the ids of all containers have no more of them it stays the supervisor's, empty.
void LeaveKeyring() { ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0); }

void LimitTo(const char* limit, const char* own, std::uint64_t parts) {
  const auto text = ReadFileAt(AT_FDCWD, limit, 32);
  const std::uint64_t all = text.ok() ? std::strtoull(text->c_str(), nullptr, 10) : 0;
  if (all > 0) (void)WriteFileAt(AT_FDCWD, own, std::to_string(std::max<std::uint64_t>(all / parts, 1))).ok();
}

// What a user namespace has of inotify counts as its maker's too, who is root of the host or the caller: nobody inside takes it all.
void LeaveWatches() {
  LimitTo("/proc/sys/fs/inotify/max_user_instances", "/proc/sys/user/max_inotify_instances", 4);
  LimitTo("/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches", 2);
}

// What needs no plan: cgroups, identity, a session, namespaces that are there from the start.
struct Isolation {
  int namespaces = 0;
  bool joins_user = false;
  const Unattended* unattended = nullptr;
};

Status Isolate(const std::function<Status()>& join_cgroups, int control, const Isolation& how) {
  const int namespaces = how.namespaces;
  if (join_cgroups) TSC_TRY(join_cgroups());
  if (namespaces & CLONE_NEWUSER) TSC_TRY(Await(control, ChildCommand::kMapped));
  if ((namespaces & CLONE_NEWUSER) || how.joins_user) TSC_TRY(ChildBecomeNamespaceRoot());
  if (namespaces & CLONE_NEWUSER) LeaveWatches();
  // Changing ids clears it, so only now. Should the supervisor already be gone, the next read from it says so.
  if (!how.unattended) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::setsid();
  ::umask(022);
  // Only now that it is in its cgroups: a cgroup namespace has its root where the process that makes it is.
  if ((namespaces & CLONE_NEWCGROUP) && ::unshare(CLONE_NEWCGROUP) != 0) return Errno("unshare", "cgroup namespace");
  if (namespaces & CLONE_NEWNET) TSC_TRY(LoopbackUp());
  if (!how.unattended || how.unattended->own_keyring) LeaveKeyring();
  // The supervisor's mounts are its own; others' may be the host's, which must not see what is mounted here.
  if (how.unattended && ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return Errno("detach mounts", "/");
  return {};
}

Status Furnish(const ContainerPlan& plan, Ahead* ahead) {
  TSC_TRY(SetNames(plan.spec));
  TSC_TRY(ChildEnterRoot(plan, ahead));
  if (plan.unattended && plan.unattended->root_propagation != 0 &&
      ::mount(nullptr, "/", nullptr, plan.unattended->root_propagation, nullptr) != 0) {
    return Errno("set propagation", "/");
  }
  return ChildApplySysctls(plan.spec);
}

Status PlaceIo(const Process& process, const Stdio& stdio, int control, const Unattended* unattended) {
  if (!process.terminal) return ChildPlaceStdio(stdio);
  const auto master = TSC_TRY(ChildOpenTerminal(process));
  if (unattended && unattended->console) TSC_TRY(ChildPlaceConsole());
  ChildReport report;
  report.kind = ReportKind::kTerminal;
  if (!SendReport(control, report, master.get())) return Errno("send terminal");
  return {};
}

std::vector<int> Kept(std::vector<int> keep, const Unattended* unattended) {
  if (!unattended) return keep;
  keep.insert(keep.end(), unattended->keep.begin(), unattended->keep.end());
  for (unsigned i = 0; i < unattended->preserved; ++i) keep.push_back(static_cast<int>(3 + i));
  return keep;
}

// Whoever starts it comes later, and is told on a socket of its own when the program cannot be run.
[[noreturn]] void RunUnattended(const Unattended& life, const ReadyProgram& program, int control, int exec_status) {
  SayReady(control);
  ::close(control);
  ::close(exec_status);
  const auto starter = life.wait_for_start();
  if (!starter.ok()) ::_exit(125);
  Die(ChildExecute(program), starter->get());
}

// The program's own process: prepared completely, then held until it may start.
[[noreturn]] void RunProgram(const ContainerPlan& plan, int control, int exec_status) {
  const Process& process = *plan.spec.process;
  ::setsid();
  if (const auto placed = PlaceIo(process, plan.stdio, control, plan.unattended.get()); !placed.ok()) Die(placed.failure(), control);
  ChildCloseOthers(Kept({control, exec_status}, plan.unattended.get()));
  const auto program = ChildPrepareProgram(process, plan.stdio, plan.seccomp.get(), true);
  if (!program.ok()) Die(program.failure(), control);
  if (plan.unattended) {
    ChildResetSignals();
    RunUnattended(*plan.unattended, *program, control, exec_status);
  }
  if (!plan.init) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ChildResetSignals();
  SayReady(control);
  if (const auto started = Await(control, ChildCommand::kStart); !started.ok()) ::_exit(125);
  Die(ChildExecute(*program), control);
}

}  // namespace

Status ChildBecomeNamespaceRoot() {
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) return Errno("setgroups");
  if (::setresgid(0, 0, 0) != 0) return Errno("setgid", "0");
  ChildStayUntraceable();
  if (::setresuid(0, 0, 0) != 0) return Errno("setuid", "0");
  ChildStayUntraceable();
  return {};
}

namespace {

[[noreturn]] void RunFurnished(const ContainerPlan& plan, Ahead* ahead, int control, int exec_status) {
  if (const auto done = Furnish(plan, ahead); !done.ok()) Die(done.failure(), control);
  ChildHoldSignals();  // from when it is said to be ready init may be sent some
  if (plan.idle) {
    SayReady(control);
    ::close(exec_status);
    ChildRunInit(0, control);
  }
  if (!plan.init) RunProgram(plan, control, exec_status);
  const pid_t program = ::fork();
  if (program < 0) Die(Errno("fork"), control);
  if (program == 0) RunProgram(plan, control, exec_status);
  ChildRunInit(program, control);
}

// Of a parked pair: what its init and its program tell each other.
std::atomic<bool>* NewSharedFlag() {
  void* const memory = ::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) std::atomic<bool>(false);
}

// With one root and working directory for both, until the program has entered the container's: it does so for init, too.
pid_t ForkWithRoot() {
  clone_args args{};
  args.flags = CLONE_FS;
  args.exit_signal = SIGCHLD;
  return sys::clone3(args);
}

[[noreturn]] void RunFurnishedBesideInit(const ContainerPlan& plan, Ahead* ahead, int control, int exec_status, std::atomic<bool>* idle) {
  if (const auto done = Furnish(plan, ahead); !done.ok()) Die(done.failure(), control);
  if (plan.idle) {
    *idle = true;
    SayReady(control);
    ::_exit(0);
  }
  // exec would take a set-user-ID bit for nothing, since another process could change where its paths lead.
  if (::unshare(CLONE_FS) != 0) Die(Errno("unshare", "root directory"), control);
  RunProgram(plan, control, exec_status);
}

// Where the tree that it was meant for could not be made ahead.
void GiveDevices(ContainerPlan* plan, UniqueFd file_system) {
  const auto& mounts = plan->spec.mounts;
  for (std::size_t i = 0; i < mounts.size() && file_system; ++i)
    if (mounts[i].destination == "/dev" && mounts[i].type == "tmpfs" && !plan->bind_sources[i])
      plan->bind_sources[i] = std::exchange(file_system, UniqueFd());
}

}  // namespace

void ChildRunContainer(const ContainerPlan& plan, int control, int exec_status, int namespaces) {
  const Isolation how{namespaces, plan.joined.has(CLONE_NEWUSER), plan.unattended.get()};
  if (const auto done = Isolate(plan.join_cgroups, control, how); !done.ok()) Die(done.failure(), control);
  Ahead nothing;
  RunFurnished(plan, &nothing, control, exec_status);
}

void ChildRunParked(ParkedRequest& request, int control, int exec_status, int namespaces) {
  SetProcessTitle("tscontainer-parked");
  if (const auto done = Isolate(request.join_cgroups, control, {namespaces}); !done.ok()) Die(done.failure(), control);
  // It may wait for long: nothing of the supervisor's may live on in it, a pipe's end above all.
  ChildCloseOthers({control, exec_status, request.device_file_system.get()});
  Ahead ahead;
  ahead.Make(request.trees, std::move(request.device_file_system), request.binds_devices);
  if (request.aside) request.aside->Return();
  ChildHoldSignals();
  auto* const idle = NewSharedFlag();
  const pid_t program = idle ? ForkWithRoot() : -1;
  if (program < 0) ::_exit(125);
  if (program > 0) ChildRunInit(program, control, idle);
  ::setsid();
  TakeOwnMemory();
  std::vector<UniqueFd> descriptors;
  const auto bytes = ReceivePlanBytes(control, &descriptors);
  if (!bytes.ok()) ::_exit(125);  // the supervisor has no more use for us
  auto plan = DecodePlan(*bytes, std::move(descriptors));
  GiveDevices(&plan, ahead.TakeDeviceFileSystem());
  RunFurnishedBesideInit(plan, &ahead, control, exec_status, idle);
}

void ChildRunExec(ExecPlan& plan, int control) {
  const auto failed = [&](const Failure& failure) { Die(failure, control); };
  if (plan.join_cgroups) {
    if (const auto joined = plan.join_cgroups(); !joined.ok()) failed(joined.failure());
  }
  // Our memory is not dumpable and belongs to a user namespace outside: what waits inside cannot trace us meanwhile (CVE-2016-9962).
  if (::setns(plan.target, plan.namespaces & ~CLONE_NEWPID) != 0) failed(Errno("join namespaces"));
  if (plan.namespaces & CLONE_NEWUSER) {
    if (const auto root = ChildBecomeNamespaceRoot(); !root.ok()) failed(root.failure());
  }
  LeaveKeyring();
  if (plan.minded) {
    ChildHoldSignals();  // no end of the program may come before the minder waits for it
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    const pid_t program = ::fork();
    if (program < 0) failed(Errno("fork"));
    if (program > 0) ChildRunMinder(program, plan.detached);
  }
  ::setsid();
  ::umask(022);
  if (const auto placed = PlaceIo(plan.process, plan.stdio, control, plan.unattended.get()); !placed.ok()) failed(placed.failure());
  ChildCloseOthers(Kept({control}, plan.unattended.get()));
  const auto program = ChildPrepareProgram(plan.process, plan.stdio, plan.seccomp.get(), false);
  if (!program.ok()) failed(program.failure());
  if (!plan.unattended) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ChildResetSignals();
  Die(ChildExecute(*program), control);
}

}  // namespace tsc
