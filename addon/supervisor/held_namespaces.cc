// SPDX-License-Identifier: Apache-2.0
#include "supervisor/held_namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/paths.h"
#include "supervisor/directory_names.h"
#include "supervisor/run_lock.h"

namespace tsc {
namespace {

constexpr const char kHolders[] = "v1/holders", kLock[] = "v1/namespaces.lock";
constexpr int kStartField = 22;  // of proc_pid_stat(5)

struct Holder {
  UniqueFd process;  // its directory in /proc, which is of no other one
  int descriptor = -1;
};

// Whoever may not look at it has nothing to do with it.
bool MayBeThere(int error) { return IsOfTheMoment(error) && error != EPERM && error != EACCES; }

// Invalid: there is no such process, or no such thing of it.
Result<UniqueFd> OpenIfThere(int directory, const std::string& path, int flags) {
  UniqueFd fd(::openat(directory, path.c_str(), flags | O_CLOEXEC));
  if (!fd && MayBeThere(errno)) return Errno("find namespace", path);
  return fd;
}

Result<UniqueFd> ProcessDirectory(const std::string& pid) { return OpenIfThere(AT_FDCWD, "/proc/" + pid, O_PATH | O_DIRECTORY); }

// Empty: it has ended. Its name, which may have any character in it, is the second field.
Result<std::string> StartOf(const UniqueFd& process) {
  const auto text = ReadFileAt(process.get(), "stat", 4096);
  if (!text.ok()) return MayBeThere(text.failure().error) ? text : Result<std::string>(std::string());
  std::size_t at = text->rfind(')');
  for (int field = 2; field < kStartField && at != std::string::npos; ++field) at = text->find(' ', at + 1);
  if (at == std::string::npos) return std::string();
  return text->substr(at + 1, text->find(' ', at + 1) - at - 1);
}

// Empty: not of a process that lives.
Result<std::string> SaidBy(int run_dir, const std::string& pid) {
  char target[64];
  const ssize_t size = ::readlinkat(run_dir, (std::string(kHolders) + "/" + pid).c_str(), target, sizeof target);
  if (size < 0 && MayBeThere(errno)) return Errno("find namespace", pid);
  return std::string(target, size < 0 ? 0 : static_cast<std::size_t>(size));
}

Result<std::optional<Holder>> Living(int run_dir, const std::string& pid) {
  const std::string said = TSC_TRY(SaidBy(run_dir, pid));
  const auto dash = said.find('-');
  if (dash == std::string::npos || pid.find_first_not_of("0123456789") != std::string::npos) return std::optional<Holder>();
  Holder holder{TSC_TRY(ProcessDirectory(pid)), -1};
  const auto parsed = std::from_chars(said.data() + dash + 1, said.data() + said.size(), holder.descriptor);
  if (!holder.process || parsed.ec != std::errc()) return std::optional<Holder>();
  if (TSC_TRY(StartOf(holder.process)) != said.substr(0, dash)) return std::optional<Holder>();
  return std::optional(std::move(holder));
}

Result<std::vector<std::string>> Others(int run_dir) {
  auto names = TSC_TRY(NamesIn(run_dir, kHolders));
  std::erase(names, std::to_string(::getpid()));
  return names;
}

// Of nothing else: to open some things is to do something.
Result<bool> IsNetworkNamespace(int process, const std::string& path) {
  char target[64];
  const ssize_t size = ::readlinkat(process, path.c_str(), target, sizeof target);
  if (size < 0 && MayBeThere(errno)) return Errno("find namespace", path);
  return size > 0 && std::string_view(target, static_cast<std::size_t>(size)).starts_with("net:[");
}

bool IsSame(const UniqueFd& one, const UniqueFd& other) {
  struct stat first {
  }, second{};
  return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

Result<UniqueFd> NamespaceOf(const UniqueFd& process, const std::string& name) {
  return OpenIfThere(process.get(), name, O_RDONLY | O_NONBLOCK);
}

Result<UniqueFd> OwnNamespace(const char* name) { return OpenIfThere(AT_FDCWD, std::string("/proc/self/ns/") + name, O_RDONLY); }

bool IsNamespace(const UniqueFd& fd, int kind) { return ::ioctl(fd.get(), NS_GET_NSTYPE) == kind; }

// That a number means another descriptor by now is seen by what it is.
Result<bool> IsOurNetwork(const UniqueFd& fd) {
  if (!IsNamespace(fd, CLONE_NEWNET)) return false;
  const UniqueFd owner(::ioctl(fd.get(), NS_GET_USERNS));
  if (!owner && MayBeThere(errno)) return Errno("find namespace", "user namespace of a network");
  return owner && IsSame(owner, TSC_TRY(OwnNamespace("user"))) && !IsSame(fd, TSC_TRY(OwnNamespace("net")));
}

}  // namespace

Result<Holding> Holding::Say(int run_dir, int network_namespace) {
  TSC_TRY(MkdirsInRoot(run_dir, kHolders, 0700));
  const std::string name = std::string(kHolders) + "/" + std::to_string(::getpid());
  const std::string said = TSC_TRY(StartOf(TSC_TRY(ProcessDirectory("self")))) + "-" + std::to_string(network_namespace);
  ::unlinkat(run_dir, name.c_str(), 0);  // of one that had our number before us
  if (::symlinkat(said.c_str(), run_dir, name.c_str()) != 0) return Errno("hold namespace", name);
  return Holding(run_dir, name);
}

Holding& Holding::operator=(Holding&& other) noexcept {
  std::swap(run_dir_, other.run_dir_);
  std::swap(name_, other.name_);
  return *this;
}

Holding::~Holding() {
  if (!name_.empty()) ::unlinkat(run_dir_, name_.c_str(), 0);
}

Result<UniqueFd> LockNamespaces(int run_dir) { return LockRun(run_dir, kLock, "lock namespaces"); }

Result<UniqueFd> FindHeldNetworkNamespace(int run_dir) {
  for (const auto& name : TSC_TRY(Others(run_dir))) {
    const auto holder = TSC_TRY(Living(run_dir, name));
    if (!holder) continue;
    const std::string path = "fd/" + std::to_string(holder->descriptor);
    if (!TSC_TRY(IsNetworkNamespace(holder->process.get(), path))) continue;
    auto found = TSC_TRY(NamespaceOf(holder->process, path));
    if (found && TSC_TRY(IsOurNetwork(found))) return found;
  }
  return UniqueFd();
}

Result<UniqueFd> FindHeldUserNamespace(int run_dir) {
  for (const auto& name : TSC_TRY(Others(run_dir))) {
    const auto holder = TSC_TRY(Living(run_dir, name));
    if (!holder) continue;
    auto found = TSC_TRY(NamespaceOf(holder->process, "ns/user"));
    if (found && IsNamespace(found, CLONE_NEWUSER) && !IsSame(found, TSC_TRY(OwnNamespace("user")))) return found;
  }
  return UniqueFd();
}

void SweepHolders(int run_dir) {
  const auto lock = LockNamespaces(run_dir);  // a process that begins to hold it may have the number of one that has died
  const auto names = NamesIn(run_dir, kHolders);
  if (!lock.ok() || !names.ok()) return;
  for (const auto& name : *names)
    if (const auto living = Living(run_dir, name); living.ok() && !*living)
      ::unlinkat(run_dir, (std::string(kHolders) + "/" + name).c_str(), 0);
}

}  // namespace tsc
