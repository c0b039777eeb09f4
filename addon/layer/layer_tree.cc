// SPDX-License-Identifier: Apache-2.0
#include "layer/layer_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <climits>

#include "core/paths.h"
#include "core/syscalls.h"
#include "layer/entry_name.h"
#include "layer/marker_file.h"

namespace tsc {
namespace {

constexpr int kDirFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kMaxLinks = 40;              // as many as the kernel follows
constexpr std::size_t kMaxTodo = 4096;     // components that links may pile up
constexpr std::size_t kMaxCached = 64;     // open directories
constexpr std::size_t kMaxLate = 1 << 20;  // directories with deferred metadata: bounds the memory of a hostile layer
constexpr std::size_t kMaxRealDepth = 512;
constexpr mode_t kInherited = S_ISGID;  // never set while children are being made

Failure Because(int error, const std::string& path) { return Fail("unpack layer", error, PrintableName(path)); }

std::string Join(const std::string& parent, const std::string& leaf) { return parent.empty() ? leaf : parent + "/" + leaf; }

std::string ParentOf(const std::string& path) { return SplitEntryName(path).parent; }

std::size_t DepthOf(const std::string& path) {
  std::size_t depth = path.empty() ? 0 : 1;
  for (const char c : path) depth += c == '/';
  return depth;
}

void PushReversed(std::vector<std::string>& todo, const std::string& path) {
  std::size_t end = path.size();
  while (end > 0) {
    const auto slash = path.rfind('/', end - 1);
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    if (begin < end && path.compare(begin, end - begin, ".") != 0) todo.push_back(path.substr(begin, end - begin));
    if (begin == 0) return;
    end = begin - 1;
  }
}

}  // namespace

bool IsWhiteoutDevice(int dir, const char* leaf) {
  struct stat info {};
  return ::fstatat(dir, leaf, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0);
}

Result<TreeDirRef> LayerTree::OpenReal(const std::string& path) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(kDirFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  UniqueFd fd(sys::openat2(root_, path.empty() ? "." : path.c_str(), how));
  if (!fd) return Because(errno, path);
  return TreeDirRef(std::make_shared<TreeDir>(TreeDir{std::move(fd), path}));
}

Result<TreeDirRef> LayerTree::OpenChild(const TreeDir& parent, const std::string& leaf) const {
  const auto path = Join(parent.path, leaf);
  UniqueFd fd(::openat(parent.fd.get(), leaf.c_str(), kDirFlags));
  if (!fd) return Because(errno, path);
  return TreeDirRef(std::make_shared<TreeDir>(TreeDir{std::move(fd), path}));
}

Result<TreeDirRef> LayerTree::OpenDir(const std::string& clean, Missing missing) {
  if (const auto known = cache_.find(clean); known != cache_.end()) return known->second;
  auto dir = OpenReal(clean);
  if (!dir) {
    const int error = dir.failure().error;
    if (error != ENOENT && error != ELOOP && error != ENOTDIR) return dir;
    dir = Walk(clean, missing);
    if (!dir) return dir;
  }
  if (cache_.size() >= kMaxCached) cache_.clear();
  cache_[clean] = *dir;
  return dir;
}

Result<TreeDirRef> LayerTree::Walk(const std::string& clean, Missing missing) {
  Position at;
  at.dir = TSC_TRY(OpenReal(""));
  PushReversed(at.todo, clean);
  while (!at.todo.empty()) {
    const auto part = std::move(at.todo.back());
    at.todo.pop_back();
    if (part == "..")
      at.dir = TSC_TRY(OpenReal(ParentOf(at.dir->path)));
    else
      TSC_TRY(Step(at, part, missing));
  }
  return at.dir;
}

Status LayerTree::Step(Position& at, const std::string& part, Missing missing) {
  auto next = OpenChild(*at.dir, part);
  if (next) {
    at.dir = *next;
    return {};
  }
  const int error = next.failure().error;
  const int parent = at.dir->fd.get();
  if (error == ENOTDIR || error == ELOOP) {
    char link[PATH_MAX];
    const ssize_t length = ::readlinkat(parent, part.c_str(), link, sizeof link);
    if (length > 0 && length < PATH_MAX) return Follow(at, std::string(link, static_cast<std::size_t>(length)));
    // A directory that appears where this layer hid the lower one: it shows nothing of it.
    if (missing == Missing::kFail || !IsWhiteoutDevice(parent, part.c_str())) return std::move(next).failure();
    at.dir = TSC_TRY(MakeDir(*at.dir, part, 0755));
    return {};
  }
  if (error != ENOENT || missing == Missing::kFail) return std::move(next).failure();
  at.dir = TSC_TRY(CreateChild(*at.dir, part, 0755));
  implied_.insert(at.dir->path);
  return {};
}

Status LayerTree::Follow(Position& at, const std::string& link) {
  if (++at.links > kMaxLinks) return Because(ELOOP, at.dir->path);
  if (link.starts_with('/')) at.dir = TSC_TRY(OpenReal(""));
  PushReversed(at.todo, link);
  if (at.todo.size() > kMaxTodo) return Because(ENAMETOOLONG, at.dir->path);
  return {};
}

Result<TreeDirRef> LayerTree::CreateChild(const TreeDir& parent, const std::string& leaf, mode_t mode) {
  const auto path = Join(parent.path, leaf);
  if (path.size() >= PATH_MAX || DepthOf(path) > kMaxRealDepth) return Because(ENAMETOOLONG, path);
  if (::mkdirat(parent.fd.get(), leaf.c_str(), mode & ~kInherited) != 0) return Because(errno, path);
  return OpenChild(parent, leaf);
}

Result<TreeDirRef> LayerTree::MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) {
  const auto path = Join(parent.path, leaf);
  auto made = CreateChild(parent, leaf, mode);
  if (made) return made;
  if (made.failure().error != EEXIST) return made;
  auto existing = OpenChild(parent, leaf);
  if (existing) {
    implied_.erase(path);
    if (::fchmod((*existing)->fd.get(), mode & ~kInherited) != 0) return Because(errno, path);
    return existing;
  }
  const bool hid_lower = IsWhiteoutDevice(parent.fd.get(), leaf.c_str());
  TSC_TRY(Remove(parent, leaf));
  made = CreateChild(parent, leaf, mode);
  if (made && hid_lower) TSC_TRY(MarkOpaque(**made));
  return made;
}

Status LayerTree::Remove(const TreeDir& parent, const std::string& leaf) {
  const auto path = Join(parent.path, leaf);
  if (::unlinkat(parent.fd.get(), leaf.c_str(), 0) != 0) {
    if (errno == ENOENT) return {};
    if (errno != EISDIR) return Because(errno, path);
    auto removed = RemoveTree(parent.fd.get(), leaf.c_str());
    if (!removed) return Because(removed.failure().error, path);
  }
  cache_.clear();  // it may have been a directory, or a link that cached names went through
  Forget(path);
  return {};
}

// Drops what is remembered of `path` and everything below it.
void LayerTree::Forget(const std::string& path) {
  const std::string first = path + "/";
  const std::string last = path + "0";  // the character behind '/'
  implied_.erase(path);
  implied_.erase(implied_.lower_bound(first), implied_.lower_bound(last));
  late_.erase(path);
  late_.erase(late_.lower_bound(first), late_.lower_bound(last));
}

Status LayerTree::MarkOpaque(const TreeDir& dir) {
  if (dir.path.empty()) {  // overlayfs ignores the attribute on a root: whoever stacks the layers has to know
    root_opaque_ = true;
    return {};
  }
  const char* name = options_.user_xattr ? "user.overlay.opaque" : "trusted.overlay.opaque";
  if (::fsetxattr(dir.fd.get(), name, "y", 1, 0) == 0) return {};
  return errno == EOPNOTSUPP ? WriteMarkerFile(dir.fd.get(), ".wh..wh..opq") : Status(Because(errno, dir.path));
}

Status LayerTree::Defer(const TreeDir& dir, LateMetadata late) {
  if (late_.size() >= kMaxLate) return Because(E2BIG, dir.path);
  late_[dir.path] = std::move(late);
  return {};
}

Status LayerTree::Finish() {
  cache_.clear();
  for (const auto& [path, late] : late_) {
    const auto dir = TSC_TRY(OpenReal(path));
    const int fd = dir->fd.get();
    for (const auto& [name, value] : late.xattrs) {
      if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0 && errno != EOPNOTSUPP && errno != EPERM && errno != EINVAL)
        return Because(errno, path);
    }
    if (late.mode != 0 && ::fchmod(fd, late.mode) != 0) return Because(errno, path);
    if (!late.has_mtime) continue;
    const timespec times[2] = {late.mtime, late.mtime};
    if (::futimens(fd, times) != 0) return Because(errno, path);
  }
  return {};
}

}  // namespace tsc
