// SPDX-License-Identifier: Apache-2.0
#include "supervisor/nursery.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/json_reader.h"
#include "core/syscalls.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"
#include "supervisor/packet.h"

namespace tsc {
namespace {

Result<Launched> Bear(CgroupDriver* cgroups, const std::string& name, const std::vector<IdMapping>& id_maps) {
  ParkedRequest request;
  request.id_maps = id_maps;
  request.sibling = true;
  if (name.empty()) return LaunchParked(request);
  auto cgroup = TSC_TRY(cgroups->Create(name, {}));
  request.cgroup = cgroup.clone_fd();
  if (cgroup.needs_join()) request.join_cgroups = [&cgroup] { return cgroup.Join(0); };
  auto launched = LaunchParked(request);
  if (!launched.ok()) (void)cgroup.Remove().ok();
  return launched;
}

// Without a reader there is nothing more to do: the children see the end of their sockets, and the next supervisor removes cgroups.
void Answer(int socket, const Result<Launched>& born) {
  if (!born.ok()) {
    const auto& failure = born.failure();
    (void)SendPacket(socket, Json{{"step", failure.step}, {"errno", failure.error}, {"object", failure.object}}.dump(), {}).ok();
    return;
  }
  (void)SendPacket(socket, Json{{"pid", born->pid}}.dump(), {born->pidfd.get(), born->control.get(), born->exec_status.get()}).ok();
}

[[noreturn]] void Serve(const Host& host, UniqueFd socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  SetProcessTitle("tscontainer-nursery");
  ChildCloseOthers({socket.get()});
  // An engine's name in the trees is the same for all of its processes, and so is the directory found.
  auto cgroups = CgroupDriver::Open({.name = host.cgroups->name()});
  pollfd waiting{socket.get(), POLLIN, 0};
  while (cgroups.ok() && ::poll(&waiting, 1, -1) != 0) {
    Packet packet;
    const auto state = ReceivePacket(socket.get(), &packet);
    if (state == ReceiveState::kClosed) break;
    if (state == ReceiveState::kPacket) Answer(socket.get(), Bear(&*cgroups, StringMember(Json::parse(packet.text, nullptr, false), "cgroup"), host.id_maps));
  }
  ::_exit(0);
}

}  // namespace

Result<Nursery> Nursery::Start(const Host& host) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;  // that of the children it bears, too
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("clone", "nursery");
  if (pid == 0) Serve(host, std::move(theirs));
  Nursery nursery;
  nursery.pidfd_.reset(pidfd);
  nursery.socket_ = std::move(ours);
  return nursery;
}

Status Nursery::Ask(const std::string& cgroup) {
  TSC_TRY(SendPacket(socket_.get(), Json{{"cgroup", cgroup}}.dump(), {}));
  asked_.push_back(cgroup);
  return {};
}

Result<Nursery::Born> Nursery::Take() {
  Packet packet;
  const auto state = ReceivePacket(socket_.get(), &packet);
  if (state == ReceiveState::kNothing) return Fail("take parked child", EAGAIN);
  if (state == ReceiveState::kClosed || asked_.empty()) return Fail("take parked child", EPIPE);
  std::string cgroup = std::move(asked_.front());
  asked_.pop_front();
  const Json answer = Json::parse(packet.text, nullptr, false);
  auto& descriptors = packet.descriptors;
  if (descriptors.size() != 3) return Failure{StringMember(answer, "step"), static_cast<int>(IntMember(answer, "errno", EIO)), cgroup};
  const auto pid = static_cast<pid_t>(IntMember(answer, "pid"));
  return Born{{pid, std::move(descriptors[0]), std::move(descriptors[1]), std::move(descriptors[2])}, std::move(cgroup)};
}

void Nursery::Close() {
  if (!pidfd_) return;
  ::shutdown(socket_.get(), SHUT_WR);
  siginfo_t info{};
  sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED, nullptr);
  pidfd_.reset();
}

}  // namespace tsc
