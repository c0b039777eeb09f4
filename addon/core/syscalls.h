// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

// System calls that glibc 2.36 does not wrap, or wraps without what is needed here. Each returns -1 and sets errno.
// <sys/mount.h> and <linux/mount.h> cannot be included together, so the constants of the mount API stand here (linux/mount.h).
namespace tsc::sys {

struct MountAttr {
  std::uint64_t attr_set = 0;
  std::uint64_t attr_clr = 0;
  std::uint64_t propagation = 0;
  std::uint64_t userns_fd = 0;
};

inline constexpr unsigned kOpenTreeClone = 1;
inline constexpr unsigned kRecursive = 0x8000;  // AT_RECURSIVE
inline constexpr unsigned kMoveFromEmptyPath = 0x04;
inline constexpr unsigned kMoveToEmptyPath = 0x40;
inline constexpr unsigned kFsOpenCloexec = 1;
inline constexpr unsigned kFsMountCloexec = 1;
inline constexpr unsigned kConfigSetFlag = 0;
inline constexpr unsigned kConfigSetString = 1;
inline constexpr unsigned kConfigSetFd = 5;
inline constexpr unsigned kConfigCreate = 6;
inline constexpr std::uint64_t kAttrRdonly = 0x1;
inline constexpr std::uint64_t kAttrNosuid = 0x2;
inline constexpr std::uint64_t kAttrNodev = 0x4;
inline constexpr std::uint64_t kAttrNoexec = 0x8;
inline constexpr std::uint64_t kAttrAtimeMask = 0x70;
inline constexpr std::uint64_t kAttrRelatime = 0x0;
inline constexpr std::uint64_t kAttrNoatime = 0x10;
inline constexpr std::uint64_t kAttrStrictatime = 0x20;
inline constexpr std::uint64_t kAttrNodiratime = 0x80;
inline constexpr std::uint64_t kAttrIdmap = 0x100000;
inline constexpr std::uint64_t kAttrNosymfollow = 0x200000;

inline int openat2(int dir, const char* path, const open_how& how) {
  return static_cast<int>(::syscall(SYS_openat2, dir, path, &how, sizeof how));
}
inline pid_t clone3(const clone_args& args) { return static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args)); }
inline int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
inline int pidfd_send_signal(int pidfd, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}
inline int close_range(unsigned first, unsigned last) { return static_cast<int>(::syscall(SYS_close_range, first, last, 0)); }
inline int open_tree(int dir, const char* path, unsigned flags) { return static_cast<int>(::syscall(SYS_open_tree, dir, path, flags)); }
inline int move_mount(int from, const char* from_path, int to, const char* to_path, unsigned flags) {
  return static_cast<int>(::syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}
inline int fsopen(const char* type) { return static_cast<int>(::syscall(SYS_fsopen, type, kFsOpenCloexec)); }
inline int fsconfig(int fs, unsigned command, const char* key, const void* value, int aux) {
  return static_cast<int>(::syscall(SYS_fsconfig, fs, command, key, value, aux));
}
inline int fsmount(int fs, std::uint64_t attributes) {
  return static_cast<int>(::syscall(SYS_fsmount, fs, kFsMountCloexec, static_cast<unsigned>(attributes)));
}
inline int mount_setattr(int dir, const char* path, unsigned flags, const MountAttr& attr) {
  return static_cast<int>(::syscall(SYS_mount_setattr, dir, path, flags, &attr, sizeof attr));
}
inline int pivot_root(const char* new_root, const char* put_old) { return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old)); }
// waitid(2) with the resource usage that glibc's wrapper hides.
inline int waitid(idtype_t type, id_t id, siginfo_t* info, int options, rusage* usage) {
  return static_cast<int>(::syscall(SYS_waitid, type, id, info, options, usage));
}

}  // namespace tsc::sys
