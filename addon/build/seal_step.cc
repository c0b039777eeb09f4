// SPDX-License-Identifier: Apache-2.0
#include "build/seal_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <set>

#include "layer/copy_metadata.h"
#include "layer/entry_name.h"
#include "layer/layer_stack.h"
#include "layer/marker_file.h"
#include "layer/no_umask.h"
#include "layer/tree_xattrs.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

Failure Because(int error, const std::string& path) { return Fail("seal layer", error, PrintableName(path)); }

class Sealing {
 public:
  explicit Sealing(const SealOptions& options) : options_(options) {}

  Status Run(const std::vector<TreeChange>& changes) {
    for (const auto& change : changes) TSC_TRY(Take(change));
    for (auto entry = directories_.rbegin(); entry != directories_.rend(); ++entry) {
      const UniqueFd dir = OpenRealDirectory(options_.target, entry->first);
      if (!dir) return Because(errno, entry->first);
      TSC_TRY(Apply(dir.get(), entry->second, entry->first));
    }
    return {};
  }

 private:
  Status Take(const TreeChange& change) {
    const auto split = SplitEntryName(change.path);
    if (!to_ || parent_ != split.parent) {
      to_ = OpenRealDirectory(options_.target, split.parent);
      from_ = OpenRealDirectory(options_.tree, split.parent);
      parent_ = split.parent;
    }
    if (!to_) return Because(errno, change.path);
    if (change.kind == ChangeKind::kDeleted) return TakeWhiteout(split.leaf, change.path);
    struct stat info {};
    if (!from_ || ::fstatat(from_.get(), split.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, change.path);
    if (S_ISSOCK(info.st_mode)) return {};
    return S_ISDIR(info.st_mode) ? TakeDirectory(split.leaf, change.path) : TakeFile(split.leaf, change.path, info);
  }

  Status TakeWhiteout(const std::string& leaf, const std::string& path) {
    if (::mknodat(to_.get(), leaf.c_str(), S_IFCHR, ::makedev(0, 0)) == 0) return {};
    if (errno == EPERM && LiesOnOverlay(to_.get())) return WriteMarkerFile(to_.get(), ".wh." + leaf);
    return Because(errno, path);
  }

  Result<Owner> OwnerOf(const struct stat& info, const std::string& path) const {
    const auto mapped = [&](std::uint64_t id) { return id >= options_.id_base && id - options_.id_base < options_.id_count; };
    if (mapped(info.st_uid) && mapped(info.st_gid))
      return Owner{static_cast<uid_t>(info.st_uid - options_.id_base), static_cast<gid_t>(info.st_gid - options_.id_base)};
    const auto ids = std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid);
    return Fail("seal layer", EINVAL, "unmapped owner " + ids + " of " + PrintableName(path));
  }

  Result<FileMetadata> Describe(int fd, const struct stat& info, const std::string& path) const {
    auto xattrs = ReadXattrs(fd, options_.id_base);
    if (!xattrs) return Because(xattrs.failure().error, path);
    if (xattrs->partial) return Because(EOPNOTSUPP, path);
    return FileMetadata{TSC_TRY(OwnerOf(info, path)), info.st_mode & 07777, info.st_mtim, std::move(xattrs->kept)};
  }

  Status TakeDirectory(const std::string& leaf, const std::string& path) {
    const UniqueFd dir = OpenRealDirectory(from_.get(), leaf);
    struct stat info {};
    if (!dir || ::fstat(dir.get(), &info) != 0) return Because(errno, path);
    directories_[path] = TSC_TRY(Describe(dir.get(), info, path));
    return ::mkdirat(to_.get(), leaf.c_str(), 0700) == 0 ? Status{} : Status(Because(errno, path));
  }

  Status TakeFile(const std::string& leaf, const std::string& path, const struct stat& info) {
    if (HasWhiteoutPrefix(leaf)) return Because(EINVAL, path);
    if (::renameat(from_.get(), leaf.c_str(), to_.get(), leaf.c_str()) != 0) return Because(errno, path);
    // Of a file with several names the first is enough.
    if (info.st_nlink > 1 && !links_.insert(info.st_ino).second) return {};
    if (S_ISREG(info.st_mode)) return FinishFile(leaf, path);
    const auto owner = TSC_TRY(OwnerOf(info, path));
    if (options_.id_base == 0) return {};
    if (::fchownat(to_.get(), leaf.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, path);
    return {};
  }

  Status FinishFile(const std::string& leaf, const std::string& path) {
    const UniqueFd file(::openat(to_.get(), leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) return Because(errno, path);
    const auto metadata = TSC_TRY(Describe(file.get(), info, path));
    TSC_TRY(DropNotes(file.get(), path));
    return options_.id_base == 0 ? Status{} : Apply(file.get(), metadata, path);
  }

  // Where a copied-up file came from says nothing in another stack.
  static Status DropNotes(int file, const std::string& path) {
    char names[4096];
    const ssize_t size = ::flistxattr(file, names, sizeof names);
    for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(std::strlen(names + at)) + 1)
      if (IsOverlayXattr(names + at) && ::fremovexattr(file, names + at) != 0 && errno != ENODATA) return Because(errno, path);
    return {};
  }

  static Status Apply(int fd, const FileMetadata& metadata, const std::string& path) {
    std::uint64_t dropped = 0;
    const auto applied = ApplyMetadata(fd, metadata, dropped);
    return applied ? Status{} : Status(Because(applied.failure().error, path));
  }

  const SealOptions& options_;
  NoUmask no_umask_;
  UniqueFd from_, to_;
  std::string parent_;
  std::map<std::string, FileMetadata> directories_;  // of the layer; parents first
  std::set<ino_t> links_;
};

}  // namespace

Status SealChanges(const SealOptions& options, const std::vector<TreeChange>& changes) { return Sealing(options).Run(changes); }

}  // namespace tsc
