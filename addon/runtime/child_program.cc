// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_program.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "core/string_pointers.h"
#include "core/syscalls.h"
#include "runtime/child_identity.h"
#include "runtime/user_lookup.h"

namespace tsc {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const char* Variable(const std::vector<std::string>& env, const std::string& name) {
  for (const auto& entry : env)
    if (entry.starts_with(name + "=")) return entry.c_str() + name.size() + 1;
  return nullptr;
}

Status AddNamedGroups(User* user) {
  if (user->group_names.empty()) return {};
  const std::string accounts = ReadAccountFile("/etc/group");
  auto& groups = user->additional_gids;
  for (const auto& name : user->group_names) {
    const auto gid = TSC_TRY(FindGroup(name, accounts));
    if (std::find(groups.begin(), groups.end(), gid) == groups.end()) groups.push_back(gid);
  }
  return {};
}

Status ResolveUser(Process* process) {
  std::string home = "/";
  if (!process->user.name.empty()) {
    const auto found = TSC_TRY(FindUser(process->user.name, ReadAccountFile("/etc/passwd"), ReadAccountFile("/etc/group")));
    process->user.uid = found.uid;
    process->user.gid = found.gid;
    auto& groups = process->user.additional_gids;
    groups.insert(groups.end(), found.groups.begin(), found.groups.end());
    home = found.home;
  } else if (process->user.uid == 0) {
    home = "/root";
  }
  TSC_TRY(AddNamedGroups(&process->user));
  if (!Variable(process->env, "HOME")) process->env.push_back("HOME=" + home);
  return {};
}

Status EnterDirectory(const std::string& path, bool create) {
  if (::chdir(path.c_str()) == 0) return {};
  if (errno != ENOENT || !create) return Errno("enter working directory", path);
  const UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto made = TSC_TRY(MkdirsInRoot(root.get(), path));
  if (::fchdir(made.get()) != 0) return Errno("enter working directory", path);
  return {};
}

// execvp(3)'s search, but with an answer before the program has to be replaced.
Result<std::string> FindExecutable(const std::string& name, const std::vector<std::string>& env) {
  if (name.empty()) return Fail("find executable", ENOENT, name);
  const auto usable = [](const std::string& candidate) {
    struct stat info {};
    if (::stat(candidate.c_str(), &info) != 0) return errno;
    if (!S_ISREG(info.st_mode)) return EACCES;
    if (::faccessat(AT_FDCWD, candidate.c_str(), X_OK, AT_EACCESS) == 0) return 0;
    // A filter that is installed already may not know the call. Its bits are what is left to look at.
    if (errno == EPERM || errno == ENOSYS) return info.st_mode & 0111 ? 0 : EACCES;
    return errno;
  };
  if (name.find('/') != std::string::npos) {
    const int error = usable(name);
    if (error != 0) return Fail("find executable", error, name);
    return name;
  }
  const char* variable = Variable(env, "PATH");
  std::string path = variable ? variable : kDefaultPath;
  int worst = ENOENT;
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find(':', start), path.size());
    std::string candidate = end == start ? "." : path.substr(start, end - start);
    candidate.append("/").append(name);
    const int error = usable(candidate);
    if (error == 0) return candidate;
    if (error == EACCES) worst = EACCES;
    start = end + 1;
  }
  return Fail("find executable", worst, name);
}

// Where that cannot be, all but opening them anew works.
void GivePipes(const Stdio& stdio, uid_t user) {
  for (int fd = 0; fd < 3; ++fd)
    if (stdio.given[fd]) (void)!::fchown(fd, user, static_cast<gid_t>(-1));
}

// By the kernel's own call: the C library hides two signals, and leaves them ignored where its posix_spawn had a hand in it.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

// Those that are not the kernel's defaults in this process, and so in its children. The one that we set ourselves is always among them.
std::vector<int> FindChangedSignals() {
  std::vector<int> changed{SIGPIPE};
  for (int signal = 1; signal <= 64; ++signal) {
    KernelAction current{};
    ::syscall(SYS_rt_sigaction, signal, nullptr, &current, sizeof current.mask);
    if (current.handler != SIG_DFL && signal != SIGPIPE) changed.push_back(signal);
  }
  return changed;
}

const std::vector<int>& ChangedSignals() {
  static const auto changed = FindChangedSignals();
  return changed;
}

}  // namespace

Status ChildPlaceStdio(const Stdio& stdio) {
  const int wanted[] = {stdio.in.get(), stdio.out.get(), stdio.err.get()};
  UniqueFd null;  // one for all
  for (int fd = 0; fd < 3; ++fd) {
    int source = wanted[fd];
    if (source < 0 && !null) null.reset(::open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (source < 0) source = null.get();
    if (source < 0) return Errno("open", "/dev/null");
    if (::dup2(source, fd) < 0) return Errno("dup2", std::to_string(fd));
  }
  return {};
}

Result<ReadyProgram> ChildPrepareProgram(Process process, const Stdio& stdio, const SeccompProgram* seccomp, bool make_cwd) {
  TSC_TRY(ResolveUser(&process));
  GivePipes(stdio, process.user.uid);
  if (make_cwd) TSC_TRY(EnterDirectory(process.cwd, true));
  TSC_TRY(ChildApplyLimits(process));
  // The working directory as the user sees it: what only root may enter is refused to others.
  TSC_TRY(ChildBecome(process, seccomp));
  TSC_TRY(EnterDirectory(process.cwd, false));
  ReadyProgram program;
  program.path = TSC_TRY(FindExecutable(process.args.empty() ? "" : process.args[0], process.env));
  program.args = std::move(process.args);
  program.env = std::move(process.env);
  program.seccomp = process.no_new_privileges ? seccomp : nullptr;
  return program;
}

Failure ChildExecute(const ReadyProgram& program) {
  const auto args = StringPointers(program.args);
  const auto env = StringPointers(program.env);
  if (program.seccomp) {
    if (const auto loaded = LoadSeccomp(*program.seccomp); !loaded.ok()) return loaded.failure();
  }
  ::execve(program.path.c_str(), args.data(), env.data());
  return Errno("execute", program.path);
}

void ChildCloseOthers(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned first = 3;
  for (const int fd : keep) {
    if (fd < 3) continue;
    if (static_cast<unsigned>(fd) > first) sys::close_range(first, static_cast<unsigned>(fd) - 1);
    first = static_cast<unsigned>(fd) + 1;
  }
  sys::close_range(first, ~0U);
}

void ChildHoldSignals() {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
}

void KnowSignals() { (void)ChangedSignals(); }

void ChildResetSignals() {
  const KernelAction fresh{};
  for (const int signal : ChangedSignals()) ::syscall(SYS_rt_sigaction, signal, &fresh, nullptr, sizeof fresh.mask);
  const std::uint64_t none = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
}

}  // namespace tsc
