// SPDX-License-Identifier: Apache-2.0
#include "command/container_maker.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command/cgroup_place.h"
#include "command/hooks.h"
#include "command/namespace_paths.h"
#include "command/own_stdio.h"
#include "command/pid_file.h"
#include "command/root_mount.h"
#include "command/sentence.h"
#include "command/start_gate.h"
#include "command/terminal.h"
#include "core/syscalls.h"
#include "runtime/child_report.h"

namespace tsc {
namespace {

// Between the one who makes a container and its first process, which stops before it leaves the host's tree.
struct Halt {
  UniqueFd outside, inside;
};

Result<Halt> NewHalt() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("socketpair");
  return Halt{UniqueFd(pair[0]), UniqueFd(pair[1])};
}

// Inside: says that it is here, and goes on once it is told its number, which only the host knows.
Result<pid_t> HaltHere(int socket) {
  pid_t pid = 0;
  const char here = 'h';
  if (::send(socket, &here, 1, MSG_NOSIGNAL) != 1) return Errno("halt");
  ssize_t n;
  do n = ::recv(socket, &pid, sizeof pid, 0);
  while (n < 0 && errno == EINTR);
  if (n != sizeof pid) return Fail("halt", n == 0 ? EPIPE : errno);
  return pid;
}

class Maker {
 public:
  Maker(const Invocation& call, const MakeOptions& options) : call_(call), options_(options) {}

  Result<MadeContainer> Make() {
    auto bundle = TSC_TRY(EnterBundle(options_.bundle));
    TSC_TRY(CheckTerminal(bundle));
    const auto resources = TSC_TRY(ResourcesOf(bundle.config));
    TSC_TRY(Begin(bundle));
    auto finished = Go(std::move(bundle), resources);
    if (finished.ok()) return MadeContainer{std::move(*place_), std::move(launched_.pidfd), std::move(terminal_)};
    Undo();
    return finished.failure();
  }

 private:
  Status CheckTerminal(const Bundle& bundle) const {
    const bool terminal = bundle.spec.process->terminal;
    if (!terminal && !options_.console_socket.empty()) return Refuse("cannot use console socket if no terminal is requested");
    if (terminal && options_.console_socket.empty() && !options_.keeps_terminal)
      return Refuse("cannot allocate a terminal for a detached container without --console-socket");
    return {};
  }

  Status Begin(const Bundle& bundle) {
    Record record;
    record.id = options_.id;
    record.bundle = bundle.path;
    record.rootfs = bundle.rootfs;
    record.created = Timestamp();
    record.config = bundle.config;
    TSC_TRY(PlaceCgroup(bundle.config, &record));
    place_ = TSC_TRY(MakeRecord(call_.root, record));
    return {};
  }

  Status Go(Bundle bundle, const CgroupResources& resources) {
    ContainerPlan plan;
    plan.spec = std::move(bundle.spec);
    cgroup_ = TSC_TRY(MakeContainerCgroup(place_->record, resources));
    if (cgroup_) {
      plan.cgroup = cgroup_->clone_fd();
      plan.join_cgroups = [this] { return cgroup_->Join(0); };
    }
    TSC_TRY(PrepareMounts(place_->record, bundle.rootfs, &plan));
    const auto namespaces = TSC_TRY(OpenNamespaces(plan.spec));
    for (const auto& entry : namespaces) plan.joined.by_path.emplace_back(entry.fd.get(), entry.kind);
    if (const auto& seccomp = Member(Member(bundle.config, "linux"), "seccomp"); seccomp.is_object()) {
      plan.seccomp = std::make_shared<const SeccompProgram>(TSC_TRY(CompileSeccomp(seccomp)));
    }
    plan.init = false;
    plan.stdio = TSC_TRY(OwnStdio(options_.preserved));
    auto halt = TSC_TRY(NewHalt());
    const auto listener = TSC_TRY(ShutGate(place_->directory.get()));
    plan.unattended = Life(plan, halt.inside.get(), listener.get());
    launched_ = TSC_TRY(LaunchContainer(plan));
    halt.inside.reset();
    TSC_TRY(Remember());
    TSC_TRY(Attend(halt.outside.get()));
    if (!options_.pid_file.empty()) TSC_TRY(WritePidFile(options_.pid_file, launched_.pid));
    place_->record.complete = true;
    return place_->Save();
  }

  // Everything here is copied into the child with our memory, and used there.
  std::shared_ptr<const Unattended> Life(const ContainerPlan& plan, int halt, int listener) {
    auto life = std::make_shared<Unattended>();
    life->before_leaving = [this, halt]() -> Status {
      place_->record.pid = TSC_TRY(HaltHere(halt));
      return RunHooks(place_->record.config, "createContainer", place_->State(ContainerStatus::kCreating));
    };
    life->wait_for_start = [this, listener]() -> Result<UniqueFd> {
      auto starter = TSC_TRY(WaitAtGate(listener));
      const auto hooks = RunHooks(place_->record.config, "startContainer", place_->State(ContainerStatus::kCreated));
      if (hooks.ok()) return starter;
      SendReport(starter.get(), FailureReport(hooks.failure()));
      return hooks.failure();
    };
    life->keep = {listener};
    life->preserved = options_.preserved;
    life->own_keyring = options_.own_keyring;
    life->console = plan.spec.process->terminal;
    life->root_propagation = RootPropagation(place_->record.config);
    return life;
  }

  Status Remember() {
    place_->record.pid = launched_.pid;
    place_->record.started = TSC_TRY(ProcessStartTime(launched_.pid));
    return place_->Save();
  }

  // Until the program is ready to be started.
  Status Attend(int halt) {
    bool halted = false;
    for (;;) {
      pollfd watched[2] = {{launched_.control.get(), POLLIN, 0}, {halted ? -1 : halt, POLLIN, 0}};
      if (::poll(watched, 2, -1) < 0 && errno != EINTR) return Errno("poll");
      char here;
      if (watched[1].revents != 0 && ::recv(halt, &here, 1, MSG_DONTWAIT) == 1) {
        halted = true;
        TSC_TRY(RunCreateHooks());
        if (::send(halt, &launched_.pid, sizeof launched_.pid, MSG_NOSIGNAL) < 0) return Errno("halt");
      } else if (watched[1].revents != 0) {
        halted = true;
      }
      if (watched[0].revents == 0) continue;
      if (TSC_TRY(TakeReport())) return {};
    }
  }

  Status RunCreateHooks() {
    const auto state = place_->State(ContainerStatus::kCreating);
    TSC_TRY(RunHooks(place_->record.config, "prestart", state));
    return RunHooks(place_->record.config, "createRuntime", state);
  }

  // True: it was the last one.
  Result<bool> TakeReport() {
    ChildReport report;
    UniqueFd descriptor;
    const int received = ReceiveReport(launched_.control.get(), &report, &descriptor);
    if (received < 0 && errno == EAGAIN) return false;
    if (received <= 0) return Refuse("the container's first process ended before it was ready");
    if (report.kind == ReportKind::kFailed) return ReportedFailure(report);
    if (report.kind == ReportKind::kReady) return true;
    if (report.kind != ReportKind::kTerminal) return false;
    if (options_.console_socket.empty())
      terminal_ = std::move(descriptor);
    else
      TSC_TRY(SendTerminal(options_.console_socket, descriptor.get()));
    return false;
  }

  void Undo() {
    if (launched_.pidfd) {
      sys::pidfd_send_signal(launched_.pidfd.get(), SIGKILL);
      siginfo_t info{};
      sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched_.pidfd.get()), &info, WEXITED, nullptr);
    }
    if (cgroup_) (void)RemoveContainerCgroup(place_->record);
    (void)RemoveRecord(call_.root, options_.id);
    if (!launched_.pidfd) return;
    const auto hooks = RunHooks(place_->record.config, "poststop", place_->State(ContainerStatus::kStopped));
    if (!hooks.ok()) call_.log.Warn(Sentence(hooks.failure()));
  }

  const Invocation& call_;
  const MakeOptions& options_;
  std::optional<RecordPlace> place_;
  std::optional<Cgroup> cgroup_;
  Launched launched_;
  UniqueFd terminal_;
};

}  // namespace

Result<MadeContainer> MakeContainer(const Invocation& call, const MakeOptions& options) {
  TSC_TRY(CheckId(options.id));
  return Maker(call, options).Make();
}

}  // namespace tsc
