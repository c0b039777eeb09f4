// SPDX-License-Identifier: Apache-2.0
#include "runtime/id_map.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/reap.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

std::string MapText(const std::vector<IdMapping>& mappings) {
  std::string text;
  for (const auto& m : mappings) text += std::to_string(m.container) + " " + std::to_string(m.host) + " " + std::to_string(m.size) + "\n";
  return text;
}

Result<UniqueFd> MapAndOpen(pid_t pid, const std::vector<IdMapping>& uids, const std::vector<IdMapping>& gids) {
  const std::string proc = "/proc/" + std::to_string(pid);
  const UniqueFd dir(::open(proc.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Errno("open", proc);
  TSC_TRY(WriteFileAt(dir.get(), "uid_map", MapText(uids)));
  TSC_TRY(WriteFileAt(dir.get(), "gid_map", MapText(gids)));
  UniqueFd fd(::openat(dir.get(), "ns/user", O_RDONLY | O_CLOEXEC));
  if (!fd) return Errno("open", "ns/user");
  return fd;
}

// It holds what its parent holds, a lock above all: nobody else would end it.
[[noreturn]] void WaitWith(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  while (::getppid() == parent) ::pause();
  ::_exit(0);
}

}  // namespace

Result<UniqueFd> NewUserNamespace(const std::vector<IdMapping>& uids, const std::vector<IdMapping>& gids) {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_NEWUSER | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const pid_t parent = ::getpid();
  const pid_t pid = sys::clone3(args);
  if (pid < 0) return Errno("clone", "user namespace");
  if (pid == 0) WaitWith(parent);
  const UniqueFd process(pidfd);
  auto opened = MapAndOpen(pid, uids, gids);
  KillAndReap(process.get());
  return opened;
}

Status IdmapMount(int tree, int user_namespace, const std::string& name) {
  const sys::MountAttr attr{sys::kAttrIdmap, 0, 0, static_cast<std::uint64_t>(user_namespace)};
  if (sys::mount_setattr(tree, "", AT_EMPTY_PATH | sys::kRecursive, attr) != 0) return Errno("idmap mount", name);
  return {};
}

}  // namespace tsc
