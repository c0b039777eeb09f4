// SPDX-License-Identifier: Apache-2.0
#include "core/paths.h"

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr std::uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

int OpenAt2InRoot(int root, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = kInRoot;
  for (;;) {
    const int fd = sys::openat2(root, path.c_str(), how);
    // EAGAIN: a rename elsewhere in the tree raced with the resolution of "..": try again.
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return fd;
  }
}

std::vector<std::string> Components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return parts;
}

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Each level costs a descriptor and a part of the stack, and strangers' trees have as many levels as they like.
constexpr int kDeepest = 1000;

Status RemoveChildren(UniqueFd dir, dev_t device, const std::string& name, int depth);

Status RemoveEntry(int parent, const char* name, bool is_directory, dev_t device, int depth) {
  if (!is_directory) {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR) return Errno("unlink", name);
  }
  if (depth > kDeepest) return Fail("remove tree", EMFILE, name);
  UniqueFd dir(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir && errno == EACCES) {  // a container's own 0000 directory, when we are not root of the host
    UniqueFd path(::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));  // fchmodat would follow a link put in its place
    if (!path || ::chmod(("/proc/self/fd/" + std::to_string(path.get())).c_str(), 0700) != 0) return Errno("chmod", name);
    dir.reset(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!dir) return errno == ENOENT ? Status{} : Status(Errno("open", name));
  TSC_TRY(RemoveChildren(std::move(dir), device, name, depth + 1));
  if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT) return Errno("rmdir", name);
  return {};
}

Status RemoveChildren(UniqueFd fd, dev_t device, const std::string& name, int depth) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Errno("stat", name);
  if (info.st_dev != device) return Fail("remove tree", EXDEV, name);
  std::unique_ptr<DIR, DirCloser> dir(::fdopendir(fd.get()));
  if (!dir) return Errno("open directory", name);
  fd.release();
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view leaf = entry->d_name;
    if (leaf == "." || leaf == "..") continue;
    TSC_TRY(RemoveEntry(::dirfd(dir.get()), entry->d_name, entry->d_type == DT_DIR, device, depth));
  }
  return {};
}

}  // namespace

Result<UniqueFd> OpenInRoot(int root, std::string_view path, int flags, mode_t mode) {
  const std::string name(path.empty() ? "." : path);
  UniqueFd fd(OpenAt2InRoot(root, name, flags, mode));
  if (!fd) return Errno("open", name);
  return fd;
}

Result<UniqueFd> MkdirsInRoot(int root, std::string_view path, mode_t mode) {
  UniqueFd existing(OpenAt2InRoot(root, path.empty() ? "." : std::string(path), O_PATH | O_DIRECTORY, 0));
  if (existing) return existing;
  if (errno != ENOENT) return Errno("open directory", std::string(path));
  // Each prefix is resolved from the root again, so a link in the middle can never lead outside of it.
  std::string prefix;
  UniqueFd dir(OpenAt2InRoot(root, ".", O_PATH | O_DIRECTORY, 0));
  for (const auto& part : Components(path)) {
    prefix += "/" + part;
    UniqueFd next(OpenAt2InRoot(root, prefix, O_PATH | O_DIRECTORY, 0));
    if (!next && errno == ENOENT) {
      if (::mkdirat(dir.get(), part.c_str(), mode) != 0 && errno != EEXIST) return Errno("mkdir", prefix);
      next.reset(OpenAt2InRoot(root, prefix, O_PATH | O_DIRECTORY, 0));
    }
    if (!next) return Errno("open directory", prefix);
    dir = std::move(next);
  }
  return dir;
}

Result<UniqueFd> OpenParentInRoot(int root, std::string_view path, std::string* leaf, bool create) {
  auto parts = Components(path);
  if (parts.empty() || parts.back() == "..") return Fail("open parent", EINVAL, std::string(path));
  *leaf = parts.back();
  parts.pop_back();
  std::string parent = "/";
  for (const auto& part : parts) parent += part + "/";
  if (create) return MkdirsInRoot(root, parent);
  return OpenInRoot(root, parent, O_PATH | O_DIRECTORY);
}

Result<std::string> ReadFd(int fd, std::size_t limit, std::string_view name) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno("read", std::string(name));
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > limit) return Fail("read", EFBIG, std::string(name));
  }
}

Result<std::string> ReadFileAt(int dir, const char* path, std::size_t limit) {
  UniqueFd fd(::openat(dir, path, O_RDONLY | O_CLOEXEC));
  if (!fd) return Errno("open", path);
  return ReadFd(fd.get(), limit, path);
}

Status WriteFileAt(int dir, const char* path, std::string_view data) {
  UniqueFd fd(::openat(dir, path, O_WRONLY | O_CLOEXEC));
  if (!fd) return Errno("open", path);
  ssize_t n;
  do n = ::write(fd.get(), data.data(), data.size());
  while (n < 0 && errno == EINTR);
  if (n < 0) return Errno("write", path);
  return {};
}

Status WriteAll(int fd, std::string_view data, std::string_view name) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno("write", std::string(name));
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status WriteFileAtomic(int dir, const char* name, std::string_view data, mode_t mode) {
  const std::string temporary = "." + std::string(name) + ".new";
  UniqueFd fd(::openat(dir, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd) return Errno("create", temporary);
  auto done = WriteAll(fd.get(), data, temporary);
  if (done.ok() && ::renameat(dir, temporary.c_str(), dir, name) != 0) done = Errno("rename", name);
  if (!done.ok()) ::unlinkat(dir, temporary.c_str(), 0);
  return done;
}

Status RemoveTree(int dir, const char* name) {
  struct stat info {};
  if (::fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return Errno("stat", name);
  }
  return RemoveEntry(dir, name, S_ISDIR(info.st_mode), info.st_dev, 0);
}

}  // namespace tsc
