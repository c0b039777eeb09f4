// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_changes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "layer/entry_name.h"
#include "layer/tree_xattrs.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxDepth = 512;  // a stack frame and a few descriptors each
constexpr const char kStep[] = "compare layers";

Failure Because(int error, const std::string& path) { return Fail(kStep, error, PrintableName(path)); }

bool IsWhiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0); }

Result<std::string> LinkTarget(int dir, const std::string& leaf) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, leaf.c_str(), target, sizeof target);
  if (length < 0) return Because(errno, leaf);
  return std::string(target, static_cast<std::size_t>(length));
}

constexpr std::size_t kBlock = 64 << 10;

Result<std::size_t> ReadBlock(int fd, char* to, off_t at) {
  std::size_t size = 0;
  while (size < kBlock) {
    const ssize_t n = ::pread(fd, to + size, kBlock - size, at + static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno(kStep, "content");
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  return size;
}

Result<bool> SameContent(int one, int other) {
  const std::unique_ptr<char[]> blocks(new char[2 * kBlock]);
  for (off_t at = 0;; at += static_cast<off_t>(kBlock)) {
    const auto size = TSC_TRY(ReadBlock(one, blocks.get(), at));
    const std::string_view first(blocks.get(), size);
    if (first != std::string_view(blocks.get() + kBlock, TSC_TRY(ReadBlock(other, blocks.get() + kBlock, at)))) return false;
    if (size < kBlock) return true;
  }
}

class ChangeFinder {
 public:
  ChangeFinder(const TreeChangesOptions& options, const LayerStack& layers) : options_(options), layers_(layers) {}

  Result<std::vector<TreeChange>> Run() {
    const auto root = TSC_TRY(layers_.Root());
    TSC_TRY(Walk(options_.tree, root, options_.whole, 0));
    std::sort(changes_.begin(), changes_.end(), [](const auto& one, const auto& other) { return one.path < other.path; });
    return std::move(changes_);
  }

 private:
  using Below = LayerStack::Directory;

  Status Walk(int dir, const Below& below, bool complete, std::size_t depth);
  Status Look(int dir, const std::string& leaf, const Below& below, bool complete, std::size_t depth);
  Status LookAtDirectory(int dir, const std::string& leaf, const Below& below, bool complete, std::size_t depth);
  Result<bool> SameMetadata(int fd, const struct stat& info, const Below& below) const;
  Result<bool> SameFile(int dir, const std::string& leaf, const struct stat& info, const LayerStack::Entry& below) const;
  Result<bool> SameAttributes(int fd, int below_fd) const;
  bool SameOwner(const struct stat& info, const struct stat& below) const {
    return info.st_uid == below.st_uid + options_.id_base && info.st_gid == below.st_gid + options_.id_base;
  }
  void Add(const std::string& path, ChangeKind kind) { changes_.push_back({path, kind}); }

  const TreeChangesOptions& options_;
  const LayerStack& layers_;
  std::vector<TreeChange> changes_;
};

bool SameTime(const timespec& one, const timespec& other) { return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec; }

// `complete`: whatever is not here does not show, since the tree is whole or the directory opaque.
Status ChangeFinder::Walk(int dir, const Below& below, bool complete, std::size_t depth) {
  if (depth >= kMaxDepth) return Because(ENAMETOOLONG, below.path);
  auto names = TSC_TRY(ListDirectory(dir, below.path, kStep));
  std::sort(names.begin(), names.end());
  for (const auto& leaf : names) TSC_TRY(Look(dir, leaf, below, complete, depth));
  if (!complete) return {};
  for (const auto& leaf : TSC_TRY(layers_.Names(below)))
    if (!std::binary_search(names.begin(), names.end(), leaf)) Add(JoinPath(below.path, leaf), ChangeKind::kDeleted);
  return {};
}

Status ChangeFinder::Look(int dir, const std::string& leaf, const Below& below, bool complete, std::size_t depth) {
  const auto path = JoinPath(below.path, leaf);
  struct stat info {};
  if (::fstatat(dir, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? Status{} : Status(Because(errno, path));
  if (S_ISDIR(info.st_mode)) return LookAtDirectory(dir, leaf, below, complete, depth);
  const auto found = TSC_TRY(layers_.Find(below, leaf));
  if (IsWhiteout(info)) {
    if (found) Add(path, ChangeKind::kDeleted);
    return {};
  }
  if (found && (options_.whole || options_.compare) && TSC_TRY(SameFile(dir, leaf, info, *found))) return {};
  if (!found && info.st_size == 0 && options_.mount_points.contains(path)) return {};
  Add(path, found ? ChangeKind::kChanged : ChangeKind::kAdded);
  return {};
}

Status ChangeFinder::LookAtDirectory(int dir, const std::string& leaf, const Below& below, bool complete, std::size_t depth) {
  const auto path = JoinPath(below.path, leaf);
  const UniqueFd fd = OpenRealDirectory(dir, leaf);
  if (!fd && errno == ENOENT) return {};
  if (!fd && errno == EXDEV) return {};  // something is mounted here, and hides what is the container's own
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return Because(errno, path);
  const auto xattrs = TSC_TRY(ReadXattrs(fd.get(), options_.id_base));
  if (xattrs.partial) return Because(EOPNOTSUPP, path);
  const auto found = TSC_TRY(layers_.Find(below, leaf));
  auto merged = TSC_TRY(layers_.Open(below, leaf));
  const bool same = found && !merged.levels.empty() && TSC_TRY(SameMetadata(fd.get(), info, merged));
  const std::size_t before = changes_.size();
  TSC_TRY(Walk(fd.get(), merged, complete || xattrs.opaque, depth + 1));
  const bool empty = changes_.size() == before;
  if (!found && empty && options_.mount_points.contains(path)) return {};
  if (!same || !empty) Add(path, found ? ChangeKind::kChanged : ChangeKind::kAdded);
  return {};
}

Result<bool> ChangeFinder::SameAttributes(int fd, int below_fd) const {
  return TSC_TRY(ReadXattrs(fd, options_.id_base)).kept == TSC_TRY(ReadXattrs(below_fd, 0)).kept;
}

// Of directories. The time of one in which mount points were made says nothing.
Result<bool> ChangeFinder::SameMetadata(int fd, const struct stat& info, const Below& below) const {
  const int below_fd = layers_.Source(below).fd.get();
  struct stat other {};
  if (::fstat(below_fd, &other) != 0) return Because(errno, below.path);
  if (info.st_mode != other.st_mode || !SameOwner(info, other)) return false;
  const bool timed = !options_.compare && !options_.mount_points.contains(below.path);
  if (timed && !SameTime(info.st_mtim, other.st_mtim)) return false;
  return SameAttributes(fd, below_fd);
}

Result<bool> ChangeFinder::SameFile(int dir, const std::string& leaf, const struct stat& info, const LayerStack::Entry& below) const {
  const struct stat& other = below.info;
  if (info.st_mode != other.st_mode || info.st_rdev != other.st_rdev || info.st_size != other.st_size) return false;
  if (!SameOwner(info, other) || !SameTime(info.st_mtim, other.st_mtim)) return false;
  if (S_ISLNK(info.st_mode)) return TSC_TRY(LinkTarget(dir, leaf)) == TSC_TRY(LinkTarget(below.dir, leaf));
  if (!S_ISREG(info.st_mode)) return true;
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const UniqueFd fd(::openat(dir, leaf.c_str(), kFlags));
  const UniqueFd below_fd(::openat(below.dir, leaf.c_str(), kFlags));
  if (!fd || !below_fd) return false;
  if (!TSC_TRY(SameAttributes(fd.get(), below_fd.get()))) return false;
  return options_.whole ? Result<bool>(true) : SameContent(fd.get(), below_fd.get());
}

}  // namespace

Result<std::vector<TreeChange>> FindTreeChanges(const TreeChangesOptions& options, const LayerStack& layers) {
  return ChangeFinder(options, layers).Run();
}

}  // namespace tsc
