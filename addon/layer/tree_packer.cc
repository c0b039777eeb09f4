// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_packer.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <vector>

#include "core/syscalls.h"
#include "layer/entry_name.h"
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

Result<std::vector<std::string>> SortedNames(int dir, const std::string& path) {
  UniqueFd own(::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr, &::closedir);
  if (!stream) return Because(errno, path);
  own.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return Because(errno, path);
  std::sort(names.begin(), names.end());
  return names;
}

bool IsWhiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0); }

}  // namespace

TreePacker::TreePacker(const PackOptions& options, TarWriter& writer, std::function<void(std::uint64_t)> on_entry)
    : options_(options), writer_(writer), on_entry_(std::move(on_entry)), buffer_(new char[kBuffer]) {}

Status TreePacker::Run() { return PackChildren(options_.source, "", 0); }

Status TreePacker::PackChildren(int dir, const std::string& path, std::size_t depth) {
  if (depth >= kMaxDepth) return Because(ENAMETOOLONG, path);
  for (const auto& leaf : TSC_TRY(SortedNames(dir, path))) TSC_TRY(PackEntry(dir, leaf, path.empty() ? leaf : path + "/" + leaf, depth));
  return {};
}

Status TreePacker::PackEntry(int dir, const std::string& leaf, const std::string& path, std::size_t depth) {
  if (HasWhiteoutPrefix(leaf)) return Because(EINVAL, path);  // would delete something when unpacked
  struct stat info {};
  if (::fstatat(dir, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? Status{} : Status(Because(errno, path));
  if (options_.overlay && IsWhiteout(info)) {
    const auto split = SplitEntryName(path);
    return AddMarker((split.parent.empty() ? "" : split.parent + "/") + ".wh." + leaf);
  }
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
  if (mounted) return {};
  if (options_.overlay && xattrs->opaque) TSC_TRY(AddMarker(path + "/.wh..wh..opq"));
  return PackChildren(fd.get(), path, depth + 1);
}

Status TreePacker::PackFile(int dir, const std::string& leaf, TarEntry entry) {
  // Not blocking: somebody may put a FIFO here after the check above.
  const UniqueFd fd(::openat(dir, leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return Because(errno, entry.name);
  if (!S_ISREG(info.st_mode)) return Because(ESTALE, entry.name);
  TSC_TRY(Describe(info, entry));
  auto xattrs = ReadXattrs(fd.get(), options_.id_base);
  if (!xattrs) return Of(std::move(xattrs).failure(), entry.name);
  if (options_.overlay && xattrs->partial) return Because(EOPNOTSUPP, entry.name);
  entry.xattrs = std::move(xattrs->kept);
  entry.size = static_cast<std::uint64_t>(info.st_size);
  TSC_TRY(Add(entry));
  return CopyData(fd.get(), entry);
}

Status TreePacker::CopyData(int fd, const TarEntry& entry) {
  std::uint64_t left = entry.size;
  while (left > 0) {
    const ssize_t n = ::read(fd, buffer_.get(), std::min<std::uint64_t>(left, kBuffer));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Because(n < 0 ? errno : ESTALE, entry.name);
    TSC_TRY(writer_.Data({buffer_.get(), static_cast<std::size_t>(n)}));
    left -= static_cast<std::uint64_t>(n);
  }
  return {};
}

Status TreePacker::PackSymlink(int dir, const std::string& leaf, TarEntry entry) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, leaf.c_str(), target, sizeof target);
  if (length < 0) return Because(errno, entry.name);
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

Status TreePacker::Add(const TarEntry& entry) {
  ++entries_;
  if (on_entry_) on_entry_(entries_);
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
