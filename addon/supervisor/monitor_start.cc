// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/syscalls.h"
#include "runtime/child_program.h"
#include "runtime/process_title.h"
#include "supervisor/boot_id.h"
#include "supervisor/directory_names.h"
#include "supervisor/stored_container.h"
#include "supervisor/stored_networks.h"
#include "supervisor/supervisor.h"
#include "supervisor/unix_socket.h"

// How detached containers get their monitors: when somebody asks for one, and after a boot.
namespace tsc {

void Supervisor::Monitor(const Json& message, Descriptors*, Reply reply) {
  const std::string id = StringMember(message, "container");
  if (!IsId(id)) return reply.Fail(Fail("parse id", EINVAL, id));
  const auto start = [this, id, reply = std::move(reply)] {
    const auto started = MonitorLives(host_, id) ? Status{} : StartMonitor(id, Errand::kNone);
    if (!started.ok()) return reply.Fail(started.failure());
    reply.Ok({{"socket", MonitorSocket(host_, id)}});
  };
  // Who works on its files as they are stored works for us.
  const auto adopted = containers_.find(id);
  if (adopted == containers_.end()) return start();
  adopted->second->ReleaseFiles(start);
}

Status Supervisor::StartMonitor(const std::string& id, Errand errand) {
  auto listener = TSC_TRY(ListenUnix(host_.run_dir.get(), "v1/monitors/" + id + ".sock"));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Errno("pipe");
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Errno("fork");
  if (child == 0) {
    // Twice, so that the monitor is nobody's child and outlives us.
    const pid_t monitor = ::fork();
    if (monitor == 0) EnterMonitor(id, std::move(listener), errand);
    ::_exit(::write(write_end.get(), &monitor, sizeof monitor) == sizeof monitor ? 0 : 1);
  }
  write_end.reset();
  pid_t monitor = -1;
  const bool told = ::read(read_end.get(), &monitor, sizeof monitor) == sizeof monitor;
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!told || monitor < 0) return Fail("fork", EAGAIN, "monitor");
  WatchMonitor(id, monitor);
  containers_.erase(id);  // a stopped one that we had adopted is the monitor's now
  return {};
}

void Supervisor::EnterMonitor(const std::string& id, UniqueFd listener, Errand errand) {
  // Everything of the parent's is closed but what it found out of the host; nothing of it is destroyed: its objects end with this process.
  ::setsid();
  ::listen(listener.get(), kListenBacklog);  // once more: who connects is told our pid, not that of who made it
  std::vector<int> keep{listener.get(), host_.root_dir.get(), host_.run_dir.get(), host_.store_claim.get(), host_.memory_dir.get()};
  if (host_.idmap_namespace) keep.push_back(host_.idmap_namespace.get());
  ChildCloseOthers(std::move(keep));
  Host host = std::move(host_);
  auto cgroups = CgroupDriver::Open({.name = host.cgroups->name()});
  if (!cgroups.ok()) ::_exit(1);
  (void)host.cgroups.release();  // its descriptors are closed
  host.cgroups = std::make_unique<CgroupDriver>(std::move(*cgroups));
  const std::string path = MonitorSocket(host, id);
  Supervisor monitor(std::move(host), UniqueFd());
  if (!monitor.loop_.opened().ok()) ::_exit(1);
  monitor.only_ = id;
  if (errand == Errand::kStart) monitor.loop_.Later([&monitor] { monitor.RunErrand(); });
  monitor.Serve(std::move(listener), path);
  ::_exit(0);
}

// Whatever ran before the machine was started anew ended without a word.
void Supervisor::StartAfterBoot() {
  const auto ids = StoredContainerIds(host_);
  if (!ids.ok()) return;
  for (const auto& id : *ids) {
    const auto stored = LoadStoredContainer(host_, id);
    if (!stored.ok() || !stored->StartsAfterBoot(BootId()) || MonitorLives(host_, id)) continue;
    // Its networks ended with the last boot; one that is not to be had is its start's failure.
    for (const auto& place : stored->request.networks)
      if (const auto network = FindStoredNetwork(host_, place.network)) (void)networks_.Ensure(*network).ok();
    (void)StartMonitor(id, Errand::kStart).ok();  // the next supervisor tries again
  }
}

void Supervisor::RunErrand() {
  const auto container = AdoptStopped(only_);
  if (container && FindFilter(container).ok()) return container->StartByPolicy();
  LeaveWhenIdle();
}

// Those of an earlier supervisor: what one that is killed, or ends just now, leaves is nobody else's to take away.
void Supervisor::WatchMonitors() {
  const auto sockets = NamesIn(host_.run_dir.get(), "v1/monitors");
  if (!sockets.ok()) return;
  for (const auto& socket : *sockets) {
    const std::string id = socket.substr(0, socket.find('.'));
    const auto connected = ConnectUnix(host_.run_dir.get(), "v1/monitors/" + socket);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (connected.ok() && ::getsockopt(connected->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
      WatchMonitor(id, peer.pid);
    else if (IsId(id) && !MonitorLives(host_, id))
      ReclaimFromMonitor(id);
  }
}

void Supervisor::WatchMonitor(const std::string& id, pid_t pid) {
  const auto pidfd = std::make_shared<UniqueFd>(sys::pidfd_open(pid));
  const auto gone = [this, id, pidfd](std::uint32_t) {
    loop_.Remove(pidfd->get());
    if (!MonitorLives(host_, id)) ReclaimFromMonitor(id);
  };
  if (*pidfd) loop_.Add(pidfd->get(), EPOLLIN, gone);
}

}  // namespace tsc
