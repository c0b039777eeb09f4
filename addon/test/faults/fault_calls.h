// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/syscall.h>

// Every call of the C library by which the supervisor and its children reach the kernel to change, to read or to wait for something, and
// the kinds of failure that the kernel knows for it. What only asks about the process itself is not here, nor is close: a death or a
// failure there is no other than one at the next call. cmake/faults.cmake reads the names: one a line, after the parenthesis.
namespace tsc::faults {

enum Kind : unsigned {
  kSpace = 1,         // ENOSPC: makes or fills something on a file system
  kDevice = 2,        // EIO: touches a file system, or reads and writes
  kDescriptor = 4,    // EMFILE: gives a descriptor
  kMemory = 8,        // ENOMEM: the kernel allocates for it
  kRight = 16,        // EPERM: needs a right
  kInterrupted = 32,  // EINTR: waits
  kStep = 64,         // somebody may die there
};

// clang-format off
#define TSC_FAULT_CALLS(CALL)                                                  \
  CALL(open, kSpace | kDevice | kDescriptor | kMemory | kRight | kInterrupted | kStep)   \
  CALL(openat, kSpace | kDevice | kDescriptor | kMemory | kRight | kInterrupted | kStep) \
  CALL(__openat_2, kDevice | kDescriptor | kMemory | kRight | kInterrupted | kStep)      \
  CALL(mkdirat, kSpace | kDevice | kMemory | kRight | kStep)                   \
  CALL(mkdir, kSpace | kDevice | kMemory | kRight | kStep)                     \
  CALL(mknodat, kSpace | kDevice | kMemory | kRight | kStep)                   \
  CALL(symlinkat, kSpace | kDevice | kMemory | kRight | kStep)                 \
  CALL(linkat, kSpace | kDevice | kMemory | kRight | kStep)                    \
  CALL(renameat, kSpace | kDevice | kMemory | kRight | kStep)                  \
  CALL(renameat2, kSpace | kDevice | kMemory | kRight | kStep)                 \
  CALL(unlinkat, kDevice | kMemory | kRight | kStep)                           \
  CALL(unlink, kDevice | kMemory | kRight | kStep)                             \
  CALL(rmdir, kDevice | kMemory | kRight | kStep)                              \
  CALL(fchownat, kSpace | kDevice | kMemory | kRight | kStep)                  \
  CALL(fchown, kSpace | kDevice | kMemory | kRight | kStep)                    \
  CALL(chown, kSpace | kDevice | kMemory | kRight | kStep)                     \
  CALL(fchmod, kDevice | kMemory | kRight | kStep)                             \
  CALL(fchmodat, kDevice | kMemory | kRight | kStep)                           \
  CALL(chmod, kDevice | kMemory | kRight | kStep)                              \
  CALL(utimensat, kDevice | kMemory | kRight | kStep)                          \
  CALL(futimens, kDevice | kMemory | kRight | kStep)                           \
  CALL(setxattr, kSpace | kDevice | kMemory | kRight | kStep)                  \
  CALL(fsetxattr, kSpace | kDevice | kMemory | kRight | kStep)                 \
  CALL(fremovexattr, kDevice | kMemory | kRight | kStep)                       \
  CALL(fgetxattr, kDevice | kMemory)                                           \
  CALL(flistxattr, kDevice | kMemory)                                          \
  CALL(read, kDevice | kMemory | kInterrupted | kStep)                         \
  CALL(pread, kDevice | kMemory | kInterrupted | kStep)                        \
  CALL(write, kSpace | kDevice | kMemory | kInterrupted | kStep)               \
  CALL(pwrite, kSpace | kDevice | kMemory | kInterrupted | kStep)              \
  CALL(copy_file_range, kSpace | kDevice | kMemory | kInterrupted | kStep)     \
  CALL(splice, kDevice | kMemory | kInterrupted | kStep)                       \
  CALL(ftruncate, kSpace | kDevice | kInterrupted | kStep)                     \
  CALL(syncfs, kSpace | kDevice | kStep)                                       \
  CALL(fstat, kDevice | kMemory)                                               \
  CALL(fstatat, kDevice | kMemory)                                             \
  CALL(stat, kDevice | kMemory)                                                \
  CALL(statx, kDevice | kMemory)                                               \
  CALL(fstatfs, kDevice | kMemory | kInterrupted)                              \
  CALL(statfs, kDevice | kMemory | kInterrupted)                               \
  CALL(readlinkat, kDevice | kMemory)                                          \
  CALL(readlink, kDevice | kMemory)                                            \
  CALL(faccessat, kDevice | kMemory | kRight)                                  \
  CALL(access, kDevice | kMemory | kRight)                                     \
  CALL(fchdir, kDevice | kMemory | kRight)                                     \
  CALL(chdir, kDevice | kMemory | kRight)                                      \
  CALL(chroot, kDevice | kMemory | kRight | kStep)                             \
  CALL(flock, kMemory | kInterrupted | kStep)                                  \
  CALL(mount, kSpace | kDevice | kMemory | kRight | kStep)                     \
  CALL(umount2, kMemory | kRight | kStep)                                      \
  CALL(unshare, kSpace | kMemory | kRight | kStep)                             \
  CALL(setns, kMemory | kRight | kStep)                                        \
  CALL(clone, kMemory | kStep)                                                 \
  CALL(fork, kMemory | kStep)                                                  \
  CALL(execve, kDevice | kDescriptor | kMemory | kRight | kStep)               \
  CALL(execv, kDevice | kDescriptor | kMemory | kRight | kStep)                \
  CALL(posix_spawnp, kStep)                                                    \
  CALL(waitpid, kInterrupted | kStep)                                          \
  CALL(kill, kRight | kStep)                                                   \
  CALL(prctl, kMemory | kRight)                                                \
  CALL(setresuid, kMemory | kRight | kStep)                                    \
  CALL(setresgid, kMemory | kRight | kStep)                                    \
  CALL(setgroups, kMemory | kRight | kStep)                                    \
  CALL(setrlimit, kRight | kStep)                                              \
  CALL(setsid, kRight | kStep)                                                 \
  CALL(sethostname, kRight | kStep)                                            \
  CALL(setdomainname, kRight | kStep)                                          \
  CALL(pipe2, kDescriptor | kMemory | kStep)                                   \
  CALL(socket, kDescriptor | kMemory | kRight | kStep)                         \
  CALL(socketpair, kDescriptor | kMemory | kStep)                              \
  CALL(accept4, kDescriptor | kMemory | kInterrupted | kStep)                  \
  CALL(eventfd, kDescriptor | kMemory | kStep)                                 \
  CALL(epoll_create1, kDescriptor | kMemory | kStep)                           \
  CALL(epoll_ctl, kMemory | kStep)                                             \
  CALL(epoll_wait, kInterrupted | kStep)                                       \
  CALL(poll, kMemory | kInterrupted | kStep)                                   \
  CALL(inotify_init1, kDescriptor | kMemory | kStep)                           \
  CALL(inotify_add_watch, kSpace | kMemory | kStep)                            \
  CALL(memfd_create, kDescriptor | kMemory | kStep)                            \
  CALL(dup2, kDescriptor | kInterrupted | kStep)                               \
  CALL(dup3, kDescriptor | kInterrupted | kStep)                               \
  CALL(bind, kSpace | kDevice | kMemory | kRight | kStep)                      \
  CALL(listen, kMemory | kStep)                                                \
  CALL(connect, kMemory | kRight | kInterrupted | kStep)                       \
  CALL(shutdown, kMemory | kStep)                                              \
  CALL(setsockopt, kMemory | kRight | kStep)                                   \
  CALL(ioctl, kDevice | kMemory | kRight | kInterrupted | kStep)               \
  CALL(send, kMemory | kInterrupted | kStep)                                   \
  CALL(sendto, kMemory | kRight | kInterrupted | kStep)                        \
  CALL(sendmsg, kMemory | kRight | kInterrupted | kStep)                       \
  CALL(recv, kMemory | kInterrupted | kStep)                                   \
  CALL(recvfrom, kMemory | kInterrupted | kStep)                               \
  CALL(recvmsg, kMemory | kInterrupted | kStep)                                \
  CALL(getrandom, kInterrupted)                                                \
  CALL(sigwaitinfo, kInterrupted | kStep)

// Those that answer with a null pointer where they fail.
#define TSC_FAULT_POINTERS(CALL)                       \
  CALL(readdir, kDevice | kMemory)                     \
  CALL(fdopendir, kDevice | kMemory)                   \
  CALL(opendir, kDevice | kDescriptor | kMemory | kRight)
// clang-format on

struct NumberedCall {
  long number;
  const char* name;
  unsigned kinds;
};

// What goes through syscall(2).
inline constexpr NumberedCall kNumbered[] = {
    {SYS_openat2, "openat2", kSpace | kDevice | kDescriptor | kMemory | kRight | kInterrupted | kStep},
    {SYS_clone3, "clone3", kDescriptor | kMemory | kRight | kStep},
    {SYS_fsopen, "fsopen", kDescriptor | kMemory | kRight | kStep},
    {SYS_fsconfig, "fsconfig", kSpace | kDevice | kMemory | kRight | kStep},
    {SYS_fsmount, "fsmount", kDescriptor | kSpace | kMemory | kRight | kStep},
    {SYS_open_tree, "open_tree", kDescriptor | kMemory | kRight | kStep},
    {SYS_move_mount, "move_mount", kSpace | kMemory | kRight | kStep},
    {SYS_mount_setattr, "mount_setattr", kMemory | kRight | kStep},
    {SYS_pivot_root, "pivot_root", kMemory | kRight | kStep},
    {SYS_pidfd_open, "pidfd_open", kDescriptor | kMemory | kStep},
    {SYS_pidfd_send_signal, "pidfd_send_signal", kRight | kStep},
    {SYS_memfd_create, "memfd_create", kDescriptor | kMemory | kStep},
    {SYS_waitid, "waitid", kInterrupted | kStep},
    {SYS_seccomp, "seccomp", kMemory | kRight | kStep},
    {SYS_capset, "capset", kRight | kStep},
    {SYS_keyctl, "keyctl", kMemory | kRight | kStep},
    {SYS_landlock_create_ruleset, "landlock_create_ruleset", kDescriptor | kMemory | kStep},
    {SYS_landlock_add_rule, "landlock_add_rule", kMemory | kStep},
    {SYS_landlock_restrict_self, "landlock_restrict_self", kMemory | kRight | kStep},
    {SYS_quotactl_fd, "quotactl_fd", kSpace | kDevice | kMemory | kRight | kStep},
};

}  // namespace tsc::faults
