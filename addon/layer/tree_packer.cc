// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_packer.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <vector>

#include "core/syscalls.h"
#include "layer/entry_name.h"
#include "layer/sparse_map.h"
#include "layer/tree_xattrs.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxDepth = 512;  // a descriptor and a stack frame each
constexpr std::size_t kBuffer = 256 << 10;

Failure Because(int error, const std::string& path) { return Fail("pack layer", error, PrintableName(path)); }

// Attribute failures name the attribute; this says of which file.
Failure Of(Failure failure, const std::string& path) {
  failure.object = PrintableName(path) + (failure.object.empty() ? "" : ": " + failure.object);
  return failure;
}

bool IsWhiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0); }

}  // namespace

TreePacker::TreePacker(const PackOptions& options, TarWriter& writer, std::function<void(std::uint64_t)> on_entry)
    : options_(options), writer_(writer), on_entry_(std::move(on_entry)), buffer_(new char[kBuffer]) {}

Status TreePacker::Run() {
  if (!options_.only.empty()) return PackEntry(options_.source, options_.only, options_.as.empty() ? options_.only : options_.as, 0);
  if (options_.root_entry) TSC_TRY(AddRoot());
  return PackChildren(options_.source, "", 0);
}

Status TreePacker::AddRoot() {
  struct stat info {};
  if (::fstat(options_.source, &info) != 0) return Because(errno, ".");
  TarEntry entry;
  entry.name = "./";
  entry.type = TarType::kDirectory;
  TSC_TRY(Describe(info, entry));
  entry.xattrs = TSC_TRY(ReadXattrs(options_.source, options_.id_base)).kept;
  return Add(entry);
}

// Gone, or something else by now: a FIFO, a link or a socket where a file was, or the other way round.
bool TreePacker::Vanished(int error) const {
  return options_.live && (error == ENOENT || error == ELOOP || error == ENOTDIR || error == EINVAL || error == ENXIO || error == ESTALE);
}

Status TreePacker::PackChildren(int dir, const std::string& path, std::size_t depth) {
  if (depth >= kMaxDepth) return Because(ENAMETOOLONG, path);
  auto names = TSC_TRY(ListDirectory(dir, path, "pack layer"));
  std::sort(names.begin(), names.end());
  for (const auto& leaf : names) TSC_TRY(PackEntry(dir, leaf, JoinPath(path, leaf), depth));
  return {};
}

Status TreePacker::RunChanges(const std::vector<TreeChange>& changes) {
  alone_ = true;
  UniqueFd dir;
  std::string opened = "/";  // no path
  for (const auto& change : changes) {
    const auto split = SplitEntryName(change.path);
    if (change.kind == ChangeKind::kDeleted) {
      TSC_TRY(AddMarker(JoinPath(split.parent, ".wh." + split.leaf)));
      continue;
    }
    if (opened != split.parent) dir = OpenRealDirectory(options_.source, split.parent);
    opened = split.parent;
    if (!dir) return Because(errno, change.path);
    TSC_TRY(PackEntry(dir.get(), split.leaf, change.path, 0));
  }
  return {};
}

Status TreePacker::PackEntry(int dir, const std::string& leaf, const std::string& path, std::size_t depth) {
  if (!options_.live && HasWhiteoutPrefix(leaf)) return Because(EINVAL, path);  // would delete something when unpacked
  struct stat info {};
  if (::fstatat(dir, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? Status{} : Status(Because(errno, path));
  if (options_.overlay && IsWhiteout(info)) {
    return AddMarker(JoinPath(SplitEntryName(path).parent, ".wh." + leaf));
  }
  if (options_.sieve && !TSC_TRY(options_.sieve->Takes(path, KindOf(info.st_mode)))) return {};
  if (S_ISDIR(info.st_mode)) return PackDirectory(dir, leaf, path, depth);
  if (S_ISSOCK(info.st_mode)) {
    ++skipped_sockets_;
    return {};
  }
  TarEntry entry;
  entry.name = path;
  TSC_TRY(Describe(info, entry));
  if (IsKnownLink(info, entry)) return Add(entry);
  if (S_ISREG(info.st_mode)) return PackFile(dir, leaf, std::move(entry));
  if (S_ISLNK(info.st_mode)) return PackSymlink(dir, leaf, std::move(entry));
  entry.type = S_ISFIFO(info.st_mode) ? TarType::kFifo : S_ISBLK(info.st_mode) ? TarType::kBlockDevice : TarType::kCharDevice;
  entry.major = major(info.st_rdev);
  entry.minor = minor(info.st_rdev);
  return Add(entry);
}

Status TreePacker::PackDirectory(int dir, const std::string& leaf, const std::string& path, std::size_t depth) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  UniqueFd fd(sys::openat2(dir, leaf.c_str(), how));
  const bool mounted = !fd && errno == EXDEV;
  if (mounted) fd.reset(::openat(dir, leaf.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!fd && Vanished(errno)) return {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return Because(errno, path);
  auto xattrs = ReadXattrs(fd.get(), options_.id_base);
  if (!xattrs) return Of(std::move(xattrs).failure(), path);
  if (options_.overlay && xattrs->partial) return Because(EOPNOTSUPP, path);
  TarEntry entry;
  entry.name = path + "/";
  entry.type = TarType::kDirectory;
  TSC_TRY(Describe(info, entry));
  entry.xattrs = std::move(xattrs->kept);
  TSC_TRY(Add(entry));
  if (alone_ || (mounted && !TSC_TRY(Enters(fd)))) return {};
  if (options_.overlay && xattrs->opaque) TSC_TRY(AddMarker(path + "/.wh..wh..opq"));
  return PackChildren(fd.get(), path, depth + 1);
}

// What the kernel makes up as it is read has no end, no size and no place in an archive.
Result<bool> TreePacker::Enters(const UniqueFd& mount) const {
  if (!options_.enter_mounts) return false;
  struct statfs info {};
  if (::fstatfs(mount.get(), &info) != 0) return Errno("pack layer", "mount");
  constexpr long kKernels[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC,   CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC,
                               DEBUGFS_MAGIC,    TRACEFS_MAGIC, SECURITYFS_MAGIC,   BPF_FS_MAGIC,        0x19800202 /* mqueue */};
  return std::find(std::begin(kKernels), std::end(kKernels), static_cast<long>(info.f_type)) == std::end(kKernels);
}

Status TreePacker::PackFile(int dir, const std::string& leaf, TarEntry entry) {
  // Not blocking: somebody may put a FIFO here after the check above.
  const UniqueFd fd(::openat(dir, leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  const int error = !fd || ::fstat(fd.get(), &info) != 0 ? errno : S_ISREG(info.st_mode) ? 0 : ESTALE;
  if (error != 0 && Vanished(error)) {
    std::erase_if(links_, [&](const auto& link) { return link.second == entry.name; });
    return {};
  }
  if (error != 0) return Because(error, entry.name);
  TSC_TRY(Describe(info, entry));
  auto xattrs = ReadXattrs(fd.get(), options_.id_base);
  if (!xattrs) return Of(std::move(xattrs).failure(), entry.name);
  if (options_.overlay && xattrs->partial) return Because(EOPNOTSUPP, entry.name);
  entry.xattrs = std::move(xattrs->kept);
  entry.size = static_cast<std::uint64_t>(info.st_size);
  if (HasHoles(info)) {
    const auto runs = TSC_TRY(FindDataRuns(fd.get(), entry.size, entry.name));
    if (runs.size() <= kMaxRuns) return CopySparse(fd.get(), entry, runs);
  }
  TSC_TRY(Add(entry));
  return CopyRange(fd.get(), entry, 0, entry.size);
}

Status TreePacker::CopySparse(int fd, const TarEntry& entry, const std::vector<SparseRun>& runs) {
  Count();
  TSC_TRY(writer_.AddSparse(entry, runs));
  for (const auto& run : runs) TSC_TRY(CopyRange(fd, entry, run.offset, run.length));
  return {};
}

Status TreePacker::CopyRange(int fd, const TarEntry& entry, std::uint64_t offset, std::uint64_t left) {
  while (left > 0) {
    const ssize_t n = ::pread(fd, buffer_.get(), std::min<std::uint64_t>(left, kBuffer), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 && options_.live) return FillUp(left);
    if (n <= 0) return Because(n < 0 ? errno : ESTALE, entry.name);
    TSC_TRY(writer_.Data({buffer_.get(), static_cast<std::size_t>(n)}));
    left -= static_cast<std::uint64_t>(n);
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Status TreePacker::FillUp(std::uint64_t left) {
  std::fill_n(buffer_.get(), kBuffer, '\0');
  for (std::uint64_t part = 0; left > 0; left -= part) {
    part = std::min<std::uint64_t>(left, kBuffer);
    TSC_TRY(writer_.Data({buffer_.get(), part}));
  }
  return {};
}

Status TreePacker::PackSymlink(int dir, const std::string& leaf, TarEntry entry) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, leaf.c_str(), target, sizeof target);
  if (length < 0) return Vanished(errno) ? Status{} : Status(Because(errno, entry.name));
  entry.type = TarType::kSymlink;
  entry.link.assign(target, static_cast<std::size_t>(length));
  entry.mode = 0777;
  return Add(entry);
}

Status TreePacker::AddMarker(const std::string& name) {
  TarEntry marker;
  marker.name = name;
  return Add(marker);
}

void TreePacker::Count() {
  ++entries_;
  if (on_entry_) on_entry_(entries_);
}

Status TreePacker::Add(const TarEntry& entry) {
  Count();
  return writer_.Add(entry);
}

Status TreePacker::Describe(const struct stat& info, TarEntry& entry) const {
  entry.mode = info.st_mode & 07777;
  entry.mtime = info.st_mtim;
  if (options_.max_mtime && entry.mtime.tv_sec > *options_.max_mtime) entry.mtime.tv_sec = *options_.max_mtime;
  if (options_.squash_owner) return {};
  const auto mapped = [&](std::uint64_t id) { return id >= options_.id_base && id - options_.id_base < options_.id_count; };
  if (!mapped(info.st_uid) || !mapped(info.st_gid)) {
    const auto ids = std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid);
    return Fail("pack layer", EINVAL, "unmapped owner " + ids + " of " + PrintableName(entry.name));
  }
  entry.uid = info.st_uid - options_.id_base;
  entry.gid = info.st_gid - options_.id_base;
  return {};
}

// Turns the entry into a link where the same file was packed before.
bool TreePacker::IsKnownLink(const struct stat& info, TarEntry& entry) {
  if (info.st_nlink < 2) return false;
  const auto [first, is_new] = links_.emplace(std::pair{info.st_dev, info.st_ino}, entry.name);
  if (is_new) return false;
  entry.type = TarType::kHardLink;
  entry.link = first->second;
  return true;
}

}  // namespace tsc
