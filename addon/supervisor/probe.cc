// SPDX-License-Identifier: Apache-2.0
#include "supervisor/probe.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "cgroup/driver.h"
#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/mount_kit.h"
#include "supervisor/rootless.h"

namespace tsc {
namespace {

// Tries something in a child, so that whatever it entered or mounted ends with it. Gives back 0, or the errno it failed with.
int Try(const std::function<Status()>& attempt, std::string* step) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    const auto done = attempt();
    if (!done.ok()) (void)WriteAll(write_end.get(), done.failure().step + " " + done.failure().object, "probe").ok();
    ::_exit(done.ok() ? 0 : done.failure().error & 0xff);
  }
  write_end.reset();
  int status = 0;
  ::waitpid(child, &status, 0);
  const auto text = ReadFd(read_end.get(), 4096, "probe");
  if (text.ok()) *step = *text;
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

Json Attempt(const std::function<Status()>& attempt) {
  std::string step;
  const int error = Try(attempt, &step);
  const char* name = strerrorname_np(error);
  return {{"ok", error == 0}, {"errno", error == 0 ? Json() : Json(name ? name : "EIO")}, {"step", step}};
}

// The namespace first, as every later attempt of an ordinary user happens inside of it.
Status EnterAsRoot() { return ::geteuid() == 0 ? Status{} : EnterUserNamespace(FindRootlessMaps()); }

Status TryUserNamespace() {
  if (::geteuid() != 0) return EnterUserNamespace(FindRootlessMaps());
  if (::unshare(CLONE_NEWUSER) != 0) return Errno("unshare", "user namespace");
  return {};
}

Status TryNamespaces() {
  TSC_TRY(EnterAsRoot());
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP) != 0) return Errno("unshare");
  return {};
}

Status TryOverlay() {
  TSC_TRY(EnterAsRoot());
  if (::unshare(CLONE_NEWNS) != 0) return Errno("unshare", "mount namespace");
  const UniqueFd context(sys::fsopen("overlay"));
  if (!context) return Errno("open file system", "overlay");
  return {};
}

// A fresh procfs is refused where the one that is there has parts covered, as inside most containers.
Status TryProc() {
  TSC_TRY(EnterAsRoot());
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) return Errno("unshare");
  const pid_t child = ::fork();
  if (child < 0) return Errno("fork");
  if (child == 0) ::_exit(NewFileSystem("proc", {}, 0).ok() ? 0 : errno & 0xff);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Fail("mount file system", WIFEXITED(status) ? WEXITSTATUS(status) : EINTR, "proc");
}

Status TrySeccomp() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return Errno("seccomp");
  return {};
}

Status TryMemfdExec() {
  const int fd = static_cast<int>(::syscall(SYS_memfd_create, "probe", 0x0010U /* MFD_EXEC */));
  const UniqueFd memory(fd);
  if (!memory && errno != EINVAL) return Errno("memfd_create");
  return {};
}

std::string ReadText(const char* path) {
  auto text = ReadFileAt(AT_FDCWD, path, 4096);
  if (!text.ok()) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

Json ProbeCgroups() {
  static const char* const kVersions[] = {"none", "v1", "hybrid", "v2"};
  auto driver = CgroupDriver::Open({.name = "tscontainer-probe-" + std::to_string(::getpid())});
  if (!driver.ok()) return {{"version", "none"}, {"controllers", Json::array()}, {"reasons", {{"", driver.failure().object}}}};
  Json reasons = Json::object();
  for (const char* name : {"", "memory", "swap", "cpu", "cpuset", "pids", "io", "devices", "freeze", "kill", "oom"}) {
    const auto& reason = driver->reason(name);
    if (!reason.empty()) reasons[name] = reason;
  }
  Json report{{"version", kVersions[static_cast<int>(driver->version())]}, {"controllers", driver->controllers()}, {"reasons", reasons}};
  (void)driver->Close().ok();
  return report;
}

Json ProbeSysctls() {
  return {{"maxUserNamespaces", ReadText("/proc/sys/user/max_user_namespaces")},
          {"unprivilegedUsernsClone", ReadText("/proc/sys/kernel/unprivileged_userns_clone")},
          {"apparmorRestrictUserns", ReadText("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")},
          {"memfdNoexec", ReadText("/proc/sys/vm/memfd_noexec")}};
}

bool InContainer() {
  return ::access("/.dockerenv", F_OK) == 0 || ::access("/run/.containerenv", F_OK) == 0 ||
         ReadText("/proc/1/environ").find("container=") != std::string::npos;
}

}  // namespace

Json ProbeHost() {
  utsname names{};
  ::uname(&names);
  const bool root = ::geteuid() == 0;
  const auto maps = root ? RootlessMaps{"root", 65536} : FindRootlessMaps();
  return {{"kernel", names.release},
          {"uid", ::geteuid()},
          {"rootless", !root},
          {"container", InContainer()},
          {"idMap", maps.id_map},
          {"mappedIds", maps.mapped_ids},
          {"userNamespace", Attempt(TryUserNamespace)},
          {"namespaces", Attempt(TryNamespaces)},
          {"overlay", Attempt(TryOverlay)},
          {"proc", Attempt(TryProc)},
          {"seccomp", Attempt(TrySeccomp)},
          {"memfdExec", Attempt(TryMemfdExec)},
          {"cgroup", ProbeCgroups()},
          {"sysctl", ProbeSysctls()}};
}

}  // namespace tsc
