// SPDX-License-Identifier: Apache-2.0
#include "supervisor/held_namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/paths.h"
#include "supervisor/directory_names.h"

namespace tsc {
namespace {

constexpr const char kHolders[] = "v1/holders", kLock[] = "v1/namespaces.lock";
constexpr int kLockTries = 400;
constexpr useconds_t kLockPause = 5000;
constexpr int kStartField = 22;  // of proc_pid_stat(5)

struct Holder {
  UniqueFd process;  // its directory in /proc, which is of no other one
  int descriptor = -1;
};

UniqueFd ProcessDirectory(const std::string& pid) { return UniqueFd(::open(("/proc/" + pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)); }

// Empty: there is no such process. Its name, which may have any character in it, is the second field.
std::string StartOf(const UniqueFd& process) {
  const auto text = ReadFileAt(process.get(), "stat", 4096);
  if (!text.ok()) return {};
  std::size_t at = text->rfind(')');
  for (int field = 2; field < kStartField && at != std::string::npos; ++field) at = text->find(' ', at + 1);
  if (at == std::string::npos) return {};
  return text->substr(at + 1, text->find(' ', at + 1) - at - 1);
}

std::optional<Holder> Living(int run_dir, const std::string& pid) {
  char target[64];
  const ssize_t size = ::readlinkat(run_dir, (std::string(kHolders) + "/" + pid).c_str(), target, sizeof target);
  const std::string said(target, size < 0 ? 0 : static_cast<std::size_t>(size));
  const auto dash = said.find('-');
  if (dash == std::string::npos || pid.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  Holder holder{ProcessDirectory(pid), -1};
  const auto parsed = std::from_chars(said.data() + dash + 1, said.data() + said.size(), holder.descriptor);
  if (parsed.ec != std::errc() || StartOf(holder.process) != said.substr(0, dash)) return std::nullopt;
  return holder;
}

std::vector<Holder> Others(int run_dir) {
  std::vector<Holder> others;
  const auto names = NamesIn(run_dir, kHolders);
  if (!names.ok()) return others;
  for (const auto& name : *names)
    if (name != std::to_string(::getpid()))
      if (auto holder = Living(run_dir, name)) others.push_back(std::move(*holder));
  return others;
}

// Of nothing else: to open some things is to do something.
bool IsNetworkNamespace(int process, const std::string& path) {
  char target[64];
  const ssize_t size = ::readlinkat(process, path.c_str(), target, sizeof target);
  return size > 0 && std::string_view(target, static_cast<std::size_t>(size)).starts_with("net:[");
}

bool IsSame(const UniqueFd& one, const UniqueFd& other) {
  struct stat first {
  }, second{};
  return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

UniqueFd NamespaceOf(const UniqueFd& process, const char* name) {
  return UniqueFd(::openat(process.get(), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

bool IsNamespace(const UniqueFd& fd, int kind) { return ::ioctl(fd.get(), NS_GET_NSTYPE) == kind; }

// That a number means another descriptor by now is seen by what it is.
bool IsOurNetwork(const UniqueFd& fd) {
  if (!IsNamespace(fd, CLONE_NEWNET)) return false;
  const UniqueFd owner(::ioctl(fd.get(), NS_GET_USERNS)), self = ProcessDirectory("self");
  return owner && IsSame(owner, NamespaceOf(self, "ns/user")) && !IsSame(fd, NamespaceOf(self, "ns/net"));
}

}  // namespace

Result<Holding> Holding::Say(int run_dir, int network_namespace) {
  TSC_TRY(MkdirsInRoot(run_dir, kHolders, 0700));
  const std::string name = std::string(kHolders) + "/" + std::to_string(::getpid());
  const std::string said = StartOf(ProcessDirectory("self")) + "-" + std::to_string(network_namespace);
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

Result<UniqueFd> LockNamespaces(int run_dir) {
  UniqueFd lock(::openat(run_dir, kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) return Errno("lock namespaces");
  for (int i = 0; ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Errno("lock namespaces");
    if (i >= kLockTries) return Fail("lock namespaces", EAGAIN, kLock);
    ::usleep(kLockPause);
  }
  return lock;
}

UniqueFd FindHeldNetworkNamespace(int run_dir) {
  for (const auto& holder : Others(run_dir)) {
    const std::string path = "fd/" + std::to_string(holder.descriptor);
    if (!IsNetworkNamespace(holder.process.get(), path)) continue;
    auto found = NamespaceOf(holder.process, path.c_str());
    if (found && IsOurNetwork(found)) return found;
  }
  return {};
}

UniqueFd FindHeldUserNamespace(int run_dir) {
  for (const auto& holder : Others(run_dir)) {
    auto found = NamespaceOf(holder.process, "ns/user");
    if (found && IsNamespace(found, CLONE_NEWUSER) && !IsSame(found, NamespaceOf(ProcessDirectory("self"), "ns/user"))) return found;
  }
  return {};
}

void SweepHolders(int run_dir) {
  const auto names = NamesIn(run_dir, kHolders);
  if (!names.ok()) return;
  for (const auto& name : *names)
    if (!Living(run_dir, name)) ::unlinkat(run_dir, (std::string(kHolders) + "/" + name).c_str(), 0);
}

}  // namespace tsc
