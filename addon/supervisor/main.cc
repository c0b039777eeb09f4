// SPDX-License-Identifier: Apache-2.0
//
// tscontainer-supervisor: the parent of every container of one run directory. Started by the addon from a sealed memfd, never by hand.
//
//     --root DIR --run-root DIR --ready-fd N        become the supervisor (docs/protocol.md, "Starting")
//     --probe --root DIR --ready-fd N               say what this host can do
#include <fcntl.h>
#include <linux/keyctl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/json_reader.h"
#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/process_title.h"
#include "supervisor/held_namespaces.h"
#include "supervisor/host.h"
#include "supervisor/privilege.h"
#include "supervisor/probe.h"
#include "supervisor/rootless.h"
#include "supervisor/stored_container.h"
#include "supervisor/supervisor.h"
#include "supervisor/unix_socket.h"

namespace tsc {
namespace {

struct Arguments {
  HostOptions host;
  int ready_fd = -1;
  int lock_fd = -1;  // the second life of a rootless supervisor: the lock is held, the user namespace entered
  bool probe = false;
};

Arguments ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--probe") {
      arguments.probe = true;
      continue;
    }
    ++i;
    if (name == "--root")
      arguments.host.root = value;
    else if (name == "--run-root")
      arguments.host.run_root = value;
    else if (name == "--ready-fd")
      arguments.ready_fd = static_cast<int>(std::strtol(value, nullptr, 10));
    else if (name == "--lock-fd")
      arguments.lock_fd = static_cast<int>(std::strtol(value, nullptr, 10));
    else if (name == "--id-map")
      arguments.host.id_map = value;
    else if (name == "--mapped-ids")
      arguments.host.mapped_ids = static_cast<std::uint32_t>(std::strtoul(value, nullptr, 10));
  }
  return arguments;
}

void Say(int ready_fd, const Json& line) {
  (void)WriteAll(ready_fd, line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "ready").ok();
  ::close(ready_fd);
}

[[noreturn]] void Give(const Failure& failure, int ready_fd) {
  const char* name = strerrorname_np(failure.error);
  Say(ready_fd, {{"error", {{"step", failure.step}, {"errno", name ? name : "EIO"}, {"object", failure.object}}}});
  ::_exit(1);
}

Result<UniqueFd> TakeLock(const std::string& run_root) {
  const UniqueFd slash(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto dir = TSC_TRY(MkdirsInRoot(slash.get(), run_root + "/v1", 0700));
  UniqueFd lock(::openat(dir.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) return Errno("open lock", run_root);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return Errno("take lock", run_root);
  return lock;
}

// Into the user namespace, and through exec once more: only then do our own /proc files belong to its root.
[[noreturn]] void EnterAndRunAgain(const Arguments& arguments, int lock_fd) {
  // Detached containers of an earlier supervisor have their networks in theirs: whoever is to see these is in it too.
  const UniqueFd run_dir(::open(arguments.host.run_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto held = FindHeldUserNamespace(run_dir.get());
  if (!held.ok()) Give(held.failure(), arguments.ready_fd);
  const auto entered = *held ? JoinUserNamespace(*held) : EnterUserNamespace(FindRootlessMaps());
  if (!entered.ok()) Give(entered.failure(), arguments.ready_fd);
  const RootlessMaps& maps = *entered;
  for (const int fd : {lock_fd, arguments.ready_fd}) ::fcntl(fd, F_SETFD, 0);
  const std::string lock = std::to_string(lock_fd), ready = std::to_string(arguments.ready_fd), ids = std::to_string(maps.mapped_ids);
  const char* args[] = {"tscontainer-supervisor",
                        "--root",
                        arguments.host.root.c_str(),
                        "--run-root",
                        arguments.host.run_root.c_str(),
                        "--ready-fd",
                        ready.c_str(),
                        "--lock-fd",
                        lock.c_str(),
                        "--id-map",
                        maps.id_map.c_str(),
                        "--mapped-ids",
                        ids.c_str(),
                        nullptr};
  ::execv("/proc/self/exe", const_cast<char* const*>(args));
  Give(Errno("run again"), arguments.ready_fd);
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Ready means: reclaimed, listening. SIGTERM and its like end us as SIGKILL would: the next supervisor reclaims what we held.
[[noreturn]] void RunSupervisor(Arguments arguments, UniqueFd lock) {
  ::fcntl(lock.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(arguments.ready_fd, F_SETFD, FD_CLOEXEC);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::prctl(PR_SET_NAME, "tscontainer-supervisor", 0, 0, 0);               // not the number of the descriptor that it was run from
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0);  // the caller's keys are nothing for us, nor for what we start
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(0);
  if (::chdir("/") != 0) Give(Errno("chdir", "/"), arguments.ready_fd);
  RaiseDescriptorLimit();
  auto host = OpenHost(arguments.host);
  if (!host.ok()) Give(host.failure(), arguments.ready_fd);
  (void)host->cgroups->MoveSelf().ok();
  if (const auto reclaimed = Reclaim(&*host); !reclaimed.ok()) Give(reclaimed.failure(), arguments.ready_fd);
  auto listener = ListenUnix(host->run_dir.get(), "v1/supervisor.sock");
  if (!listener.ok()) Give(listener.failure(), arguments.ready_fd);
  const std::string path = arguments.host.run_root + "/v1/supervisor.sock";
  auto* supervisor = new Supervisor(std::move(*host), std::move(lock));
  if (const auto& opened = supervisor->opened(); !opened.ok()) Give(opened.failure(), arguments.ready_fd);
  Say(arguments.ready_fd, {{"ready", true}});
  supervisor->Serve(std::move(*listener), path);
  ::_exit(0);  // the kernel frees faster than destructors
}

[[noreturn]] void Main(int argc, char** argv) {
  // Small free chunks are joined as they come, not all at once in a child whose every touch of a page copies it.
  ::mallopt(M_MXFAST, 0);
  RememberArguments(argc, argv);
  Arguments arguments = ParseArguments(argc, argv);
  // What Node itself inherited without close-on-exec: no container is to have it.
  if (arguments.lock_fd < 0) sys::close_range(static_cast<unsigned>(std::max(arguments.ready_fd, 2)) + 1, ~0U);
  if (arguments.probe) {
    Say(arguments.ready_fd, ProbeHost(arguments.host.root));
    ::_exit(0);
  }
  if (arguments.host.root.empty() || arguments.host.run_root.empty() || arguments.ready_fd < 0) ::_exit(2);
  const auto privilege = FindPrivilege();
  arguments.host.rootless = privilege != Privilege::kRoot;
  if (arguments.lock_fd >= 0) RunSupervisor(arguments, UniqueFd(arguments.lock_fd));
  auto lock = TakeLock(arguments.host.run_root);
  if (!lock.ok() && lock.failure().error == EWOULDBLOCK) {
    Say(arguments.ready_fd, {{"busy", true}});
    ::_exit(0);
  }
  if (!lock.ok()) Give(lock.failure(), arguments.ready_fd);
  // Whoever started us waits for this process only.
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  if (privilege == Privilege::kOrdinary) EnterAndRunAgain(arguments, lock->get());
  if (privilege == Privilege::kNamespaceRoot) {
    arguments.host.mapped_ids = MappedIds();
    arguments.host.id_map = arguments.host.mapped_ids > 1 ? "subids" : "single";
  }
  RunSupervisor(arguments, std::move(*lock));
}

}  // namespace
}  // namespace tsc

// Without memory it ends as by SIGKILL, and the next one reclaims.
int main(int argc, char** argv) { tsc::Main(argc, argv); }  // NOLINT(bugprone-exception-escape)
