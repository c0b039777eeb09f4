// SPDX-License-Identifier: Apache-2.0
#include "common/floor_life.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "common/floor_link.h"

namespace bench {
namespace {

int Must(long result, const char* step) {
  if (result >= 0) return static_cast<int>(result);
  std::fprintf(stderr, "floor: %s: %s\n", step, std::strerror(errno));
  ::_exit(1);
}

pid_t Clone(std::uint64_t flags, int* pidfd) {
  clone_args args{};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(pidfd);
  args.exit_signal = SIGCHLD;
  return Must(::syscall(SYS_clone3, &args, sizeof args), "clone3");
}

[[noreturn]] void Execute(const char* program, const char* argument) {
  const char* const args[] = {program, argument, nullptr};
  const char* const env[] = {"PATH=/bin", nullptr};
  ::execve(program, const_cast<char**>(args), const_cast<char**>(env));
  std::fprintf(stderr, "floor: execve %s: %s\n", program, std::strerror(errno));
  ::_exit(1);
}

[[noreturn]] void ChildOfFloor(const FloorOptions& options, const std::string& directory, int mapped, const char* program,
                               const char* argument) {
  const bool user = (options.namespaces & CLONE_NEWUSER) != 0;
  if (user) {
    char byte;
    Must(::read(mapped, &byte, 1), "wait for maps");
    Must(::setresgid(0, 0, 0), "setgid");
    Must(::setresuid(0, 0, 0), "setuid");
  }
  if (options.linked) SetFloorLinkUp();
  const std::string data =
      "lowerdir=" + options.lower + ",upperdir=" + directory + "/u,workdir=" + directory + "/w,volatile" + (user ? ",userxattr" : "");
  Must(::mount("overlay", options.staging.c_str(), "overlay", 0, data.c_str()), "mount overlay");
  Must(::chdir(options.staging.c_str()), "chdir");
  Must(::mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr), "mount proc");
  Must(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  Must(::umount2(".", MNT_DETACH), "umount");
  Must(::chdir("/"), "chdir /");
  Execute(program, argument);
}

void WriteFile(const std::string& path, const char* text) {
  const int fd = Must(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path.c_str());
  Must(::write(fd, text, std::strlen(text)), path.c_str());
  ::close(fd);
}

void Map(pid_t pid, int pipe) {
  const std::string proc = "/proc/" + std::to_string(pid);
  WriteFile(proc + "/uid_map", "0 0 4294967295");
  WriteFile(proc + "/gid_map", "0 0 4294967295");
  Must(::write(pipe, "m", 1), "tell child");
}

}  // namespace

void EnterOwnMounts() {
  Must(::unshare(CLONE_NEWNS), "unshare");
  Must(::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr), "make mounts slaves");
}

FloorProcess StartFloor(const FloorOptions& options, const char* program, const char* argument) {
  static unsigned count = 0;
  FloorProcess process;
  process.directory = options.scratch + "/" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  Must(::mkdir(process.directory.c_str(), 0700), "mkdir");
  Must(::mkdir((process.directory + "/u").c_str(), 0755), "mkdir u");
  Must(::mkdir((process.directory + "/w").c_str(), 0700), "mkdir w");
  const bool user = (options.namespaces & CLONE_NEWUSER) != 0;
  int mapped[2] = {-1, -1};
  if (user) Must(::pipe2(mapped, O_CLOEXEC), "pipe");
  process.pid = Clone(static_cast<std::uint64_t>(options.namespaces), &process.pidfd);
  if (process.pid == 0) ChildOfFloor(options, process.directory, mapped[0], program, argument);
  if (!user) return process;
  if (options.linked) GiveFloorLink(process.pid);
  Map(process.pid, mapped[1]);
  ::close(mapped[0]);
  ::close(mapped[1]);
  return process;
}

void EndFloor(const FloorProcess& process) {
  siginfo_t info{};
  Must(::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process.pidfd), &info, WEXITED), "waitid");
  ::close(process.pidfd);
  if (info.si_code != CLD_EXITED && info.si_status != SIGKILL) Must(-1, "life");
  if (info.si_code == CLD_EXITED && info.si_status != 0) ::_exit(1);  // the child has said why
  ::unlink((process.directory + "/w/work/incompat/volatile/dirty").c_str());
  for (const char* name : {"/w/work/incompat/volatile", "/w/work/incompat", "/w/work", "/w", "/u", ""}) {
    if (::rmdir((process.directory + name).c_str()) != 0 && errno != ENOENT) Must(-1, "rmdir");
  }
}

void FloorExec(const FloorProcess& container, int namespaces) {
  int output[2];
  Must(::pipe2(output, O_CLOEXEC), "pipe");
  static const int own = Must(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), "open pid namespace");
  Must(::setns(container.pidfd, CLONE_NEWPID), "join pid namespace");
  int pidfd = -1;
  const pid_t pid = Clone(0, &pidfd);
  if (pid == 0) {
    Must(::setns(container.pidfd, namespaces & ~CLONE_NEWPID), "join namespaces");
    ::dup2(output[1], STDOUT_FILENO);
    Execute("/bin/true", nullptr);
  }
  Must(::setns(own, CLONE_NEWPID), "leave pid namespace");
  ::close(output[1]);
  char buffer[4096];
  while (::read(output[0], buffer, sizeof buffer) > 0) {
  }
  ::close(output[0]);
  siginfo_t info{};
  Must(::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED), "waitid");
  ::close(pidfd);
}

}  // namespace bench
