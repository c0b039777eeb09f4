// SPDX-License-Identifier: Apache-2.0
#include "layer/live_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/paths.h"
#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxCached = 64;     // open directories
constexpr std::size_t kMaxLate = 1 << 20;  // directories with deferred metadata: bounds the memory of a hostile archive
constexpr mode_t kInherited = S_ISGID;     // never set while children are being made

Failure Because(int error, const std::string& path) { return Fail("unpack layer", error, PrintableName(path)); }

std::string Join(const std::string& parent, const std::string& leaf) { return parent.empty() ? leaf : parent + "/" + leaf; }

}  // namespace

Result<TreeDirRef> LiveTree::Open(const std::string& path, bool kept) const {
  auto fd = OpenInRoot(options_.root, Full(path), O_RDONLY | O_DIRECTORY);
  if (!fd) return Because(fd.failure().error, path);
  return TreeDirRef(std::make_shared<TreeDir>(TreeDir{std::move(*fd), path, kept}));
}

// With what is missing above it.
Result<TreeDirRef> LiveTree::Create(const std::string& path) {
  std::string prefix;
  TreeDirRef at;
  const std::string full = Full(path);
  UniqueFd dir = TSC_TRY(OpenInRoot(options_.root, "/", O_PATH | O_DIRECTORY));
  for (std::size_t begin = 0; begin < full.size();) {
    const auto slash = std::min(full.find('/', begin), full.size());
    const auto part = full.substr(begin, slash - begin);
    begin = slash + 1;
    if (part.empty() || part == ".") continue;
    prefix += "/" + part;
    auto next = OpenInRoot(options_.root, prefix, O_PATH | O_DIRECTORY);
    if (!next && next.failure().error == ENOENT) {
      if (::mkdirat(dir.get(), part.c_str(), 0755) == 0) {
        if (options_.owner && ::fchownat(dir.get(), part.c_str(), options_.owner->uid, options_.owner->gid, AT_SYMLINK_NOFOLLOW) != 0)
          return Because(errno, prefix);
        made_base_ |= path.empty();
      } else if (errno != EEXIST) {
        return Because(errno, prefix);
      }
      next = OpenInRoot(options_.root, prefix, O_PATH | O_DIRECTORY);
    }
    if (!next) return Because(next.failure().error, prefix);
    dir = std::move(*next);
  }
  return Open(path, true);
}

Result<TreeDirRef> LiveTree::OpenDir(const std::string& clean, Missing missing) {
  if (const auto found = cache_.find(clean); found != cache_.end()) return found->second;
  auto dir = Open(clean, !(clean.empty() && made_base_));
  if (!dir && dir.failure().error == ENOENT && missing == Missing::kCreate) dir = Create(clean);
  // The archive's own entry for its root says what a directory is like that was made for it.
  if (dir && clean.empty() && made_base_) dir = Open(clean, false);
  if (!dir) return dir;
  if (cache_.size() >= kMaxCached) cache_.clear();
  cache_[clean] = *dir;
  return dir;
}

Result<TreeDirRef> LiveTree::MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) {
  const auto path = Join(parent.path, leaf);
  if (::mkdirat(parent.fd.get(), leaf.c_str(), mode & ~kInherited) == 0) {
    UniqueFd fd(::openat(parent.fd.get(), leaf.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return Because(errno, path);
    return TreeDirRef(std::make_shared<TreeDir>(TreeDir{std::move(fd), path}));
  }
  if (errno != EEXIST) return Because(errno, path);
  // A directory that this very archive described before may be described again.
  return Open(path, !late_.contains(path));
}

Status LiveTree::Remove(const TreeDir& parent, const std::string& leaf) {
  if (::unlinkat(parent.fd.get(), leaf.c_str(), 0) == 0 || errno == ENOENT) return {};
  return Because(errno, Join(parent.path, leaf));
}

Status LiveTree::Defer(const TreeDir& dir, LateMetadata late) {
  struct stat info {};
  if (::fstat(dir.fd.get(), &info) != 0) return Because(errno, dir.path);
  if (late_.size() >= kMaxLate) return Because(E2BIG, dir.path);
  late_[dir.path] = {std::move(late), info.st_dev, info.st_ino};
  return {};
}

Status LiveTree::Finish() {
  cache_.clear();
  for (const auto& [path, late] : late_) {
    const auto dir = Open(path, true);
    struct stat info {};
    if (!dir || ::fstat((*dir)->fd.get(), &info) != 0 || info.st_dev != late.device || info.st_ino != late.inode) continue;
    const int fd = (*dir)->fd.get();
    // What the file system cannot hold is left out.
    for (const auto& [name, value] : late.metadata.xattrs) ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0);
    if (late.metadata.mode != 0 && ::fchmod(fd, late.metadata.mode) != 0) return Because(errno, path);
    const timespec times[2] = {late.metadata.mtime, late.metadata.mtime};
    if (late.metadata.has_mtime && ::futimens(fd, times) != 0) return Because(errno, path);
  }
  return {};
}

}  // namespace tsc
