// SPDX-License-Identifier: Apache-2.0
#include "cgroup/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string_view>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr int kMaxSteps = 1 << 20;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using Directory = std::unique_ptr<DIR, DirCloser>;

Directory OpenDirectory(int dir, const char* name) {
  UniqueFd fd(::openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return nullptr;
  Directory opened(::fdopendir(fd.get()));
  if (opened) fd.release();
  return opened;
}

const char* NextChild(DIR* dir) {
  while (const dirent* entry = ::readdir(dir)) {
    if (entry->d_type == DT_DIR && std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..") return entry->d_name;
  }
  return nullptr;
}

void AppendPids(std::string_view text, std::vector<pid_t>* pids) {
  while (!text.empty()) {
    pid_t pid = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), pid).ptr;
    if (pid > 0) pids->push_back(pid);
    const auto newline = text.find('\n', static_cast<std::size_t>(end - text.data()));
    if (newline == std::string_view::npos) return;
    text.remove_prefix(newline + 1);
  }
}

Status CollectPids(int dir, const char* name, std::vector<pid_t>* pids) {
  Directory here = OpenDirectory(dir, name);
  if (!here) return errno == ENOENT ? Status{} : Status(Errno("open cgroup", name));
  auto text = ReadFileAt(::dirfd(here.get()), "cgroup.procs", 64 << 20);
  // EOPNOTSUPP: a threaded cgroup; its processes are listed by the domain above. ENODEV: removed meanwhile.
  if (text) AppendPids(*text, pids);
  if (!text && text.failure().error != EOPNOTSUPP && text.failure().error != ENODEV) return std::move(text).failure();
  while (const char* child = NextChild(here.get())) TSC_TRY(CollectPids(::dirfd(here.get()), child, pids));
  return {};
}

// Removes the children of the cgroup that `top` is, walking down by name and up by "..".
Status RemoveChildren(UniqueFd top, const std::string& name) {
  std::vector<std::string> path;  // names from top to here
  UniqueFd here = std::move(top);
  for (int step = 0; step < kMaxSteps; ++step) {
    Directory list = OpenDirectory(here.get(), ".");
    if (!list) return Errno("open cgroup", name);
    const char* child = NextChild(list.get());
    if (!child && path.empty()) return {};
    if (!child) {
      here.reset(::openat(here.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
      child = path.back().c_str();
      if (::unlinkat(here.get(), child, AT_REMOVEDIR) != 0 && errno != ENOENT) return Errno("remove cgroup", name);
      path.pop_back();
      continue;
    }
    if (::unlinkat(here.get(), child, AT_REMOVEDIR) == 0 || errno == ENOENT) continue;
    if (errno != EBUSY && errno != ENOTEMPTY) return Errno("remove cgroup", name);
    path.emplace_back(child);
    here.reset(::openat(here.get(), child, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!here) return Errno("open cgroup", name);
  }
  return Fail("remove cgroup", EBUSY, name);
}

}  // namespace

Result<std::vector<std::string>> ChildCgroups(int dir, const char* name) {
  Directory here = OpenDirectory(dir, name);
  if (!here) return Errno("open cgroup", name);
  std::vector<std::string> names;
  while (const char* child = NextChild(here.get())) names.emplace_back(child);
  return names;
}

Result<std::vector<pid_t>> ProcessesBelow(int dir, const std::string& name) {
  std::vector<pid_t> pids;
  TSC_TRY(CollectPids(dir, name.c_str(), &pids));
  return pids;
}

Status RemoveCgroups(int dir, const std::string& name) {
  if (::unlinkat(dir, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  if (errno != EBUSY && errno != ENOTEMPTY) return Errno("remove cgroup", name);
  UniqueFd top(::openat(dir, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return errno == ENOENT ? Status{} : Status(Errno("open cgroup", name));
  TSC_TRY(RemoveChildren(std::move(top), name));
  if (::unlinkat(dir, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return Errno("remove cgroup", name);
}

Result<std::string_view> ReadAttribute(int dir, const std::string& path, char* buffer, std::size_t size) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Errno("open", path);
  // The kernel shows these attributes in one piece: a second read, only to see the end, would cost as much again.
  ssize_t n;
  do n = ::read(fd.get(), buffer, size);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Errno("read", path);
  if (static_cast<std::size_t>(n) < size) return std::string_view(buffer, static_cast<std::size_t>(n));
  return Fail("read", EFBIG, path);
}

}  // namespace tsc
