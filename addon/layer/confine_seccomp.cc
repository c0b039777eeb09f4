// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <iterator>
#include <vector>

#include "layer/confine_parts.h"

// Written by hand rather than with libseccomp: one architecture, one kind of answer, and compiling the list there takes longer than
// everything else here together.
namespace tsc::confine {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArch = AUDIT_ARCH_AARCH64;
#else
#error "the system call filter knows x86-64 and arm64"
#endif

// clang-format off
constexpr int kAllowed[] = {
    // data
    SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_pwrite64, SYS_writev, SYS_lseek, SYS_copy_file_range, SYS_sendfile,
    SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_syncfs,
    // files
    SYS_openat, SYS_openat2, SYS_close, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_fstatfs, SYS_getdents64, SYS_mkdirat, SYS_mknodat,
    SYS_symlinkat, SYS_linkat, SYS_unlinkat, SYS_renameat2, SYS_readlinkat, SYS_fchdir,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_open
    SYS_open, SYS_unlink, SYS_rmdir,
#endif
    // metadata
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_umask, SYS_fsetxattr, SYS_fgetxattr, SYS_flistxattr,
    SYS_fremovexattr, SYS_lgetxattr, SYS_llistxattr,
    SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch,
    // descriptors and messages to the supervisor
    SYS_dup, SYS_dup3, SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_ppoll, SYS_memfd_create,
#ifdef SYS_poll
    SYS_poll,
#endif
    // memory, time, signals of our own, the end
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_gettimeofday,
    SYS_clock_nanosleep, SYS_nanosleep, SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sigaltstack, SYS_getpid, SYS_gettid, SYS_geteuid, SYS_getegid, SYS_getuid, SYS_getgid, SYS_exit, SYS_exit_group,
#ifdef SYS_time
    SYS_time,
#endif
};
// clang-format on

// Allowed unless they ask for executable memory.
constexpr int kMemory[] = {SYS_mmap, SYS_mprotect};

// For who answers on the network. Sockets of IP are checked apart.
constexpr int kAnswering[] = {
    SYS_connect,    SYS_accept4, SYS_epoll_ctl, SYS_epoll_pwait,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
};
constexpr unsigned kFamilies[] = {AF_INET, AF_INET6};

// No F_SETOWN and F_SETSIG, which send signals; tgkill is not there for the same reason (an abort then ends by a fault).
constexpr int kFcntl[] = {F_GETFL, F_GETFD, F_SETFD};

using Program = std::vector<sock_filter>;

constexpr unsigned kDenied = SECCOMP_RET_ERRNO | EPERM;

// Where an argument's lower half is (little-endian).
constexpr unsigned Argument(unsigned number) { return offsetof(seccomp_data, args) + number * sizeof(__u64); }

void Add(Program& program, unsigned short code, unsigned value) { program.push_back(BPF_STMT(code, value)); }
void AddJump(Program& program, unsigned short code, unsigned value, unsigned char yes, unsigned char no) {
  program.push_back(BPF_JUMP(code, value, yes, no));
}

void AddFcntl(Program& program) {
  const auto rest = static_cast<unsigned char>(2 * std::size(kFcntl) + 2);
  AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, rest);
  Add(program, BPF_LD | BPF_W | BPF_ABS, Argument(1));
  for (const int command : kFcntl) {
    AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(command), 0, 1);
    Add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  Add(program, BPF_RET | BPF_K, kDenied);
}

void AddSocket(Program& program) {
  AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2 * std::size(kFamilies) + 2);
  Add(program, BPF_LD | BPF_W | BPF_ABS, Argument(0));
  for (const unsigned family : kFamilies) {
    AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, family, 0, 1);
    Add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  Add(program, BPF_RET | BPF_K, kDenied);
}

void AddAllowed(Program& program, int call) {
  AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1);
  Add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

Program Compile(Network network) {
  Program program;
  Add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, kArch, 1, 0);
  Add(program, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  Add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (const int call : kAllowed) AddAllowed(program, call);
  if (network == Network::kAnswer) {
    for (const int call : kAnswering) AddAllowed(program, call);
    AddSocket(program);
  }
  for (const int call : kMemory) {
    AddJump(program, BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 4);
    Add(program, BPF_LD | BPF_W | BPF_ABS, Argument(2));
    AddJump(program, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
    Add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    Add(program, BPF_RET | BPF_K, kDenied);
  }
  AddFcntl(program);
  Add(program, BPF_RET | BPF_K, kDenied);
  return program;
}

}  // namespace

Status ApplySeccomp(Network network) {
  Program program = Compile(network);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) return Because("seccomp");
  return {};
}

}  // namespace tsc::confine
