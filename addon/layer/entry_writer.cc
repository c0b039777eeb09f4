// SPDX-License-Identifier: Apache-2.0
#include "layer/entry_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "layer/entry_name.h"
#include "layer/marker_file.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr mode_t kSpecialBits = 07000;

Failure Because(int error, const TarEntry& entry) { return Fail("unpack layer", error, PrintableName(entry.name)); }

// Failures further down say what they were about; this says for which entry.
Failure WithEntry(Failure failure, const TarEntry& entry) {
  if (failure.step != "unpack layer") return failure;
  const auto name = PrintableName(entry.name);
  if (failure.object.empty())
    failure.object = name;
  else if (failure.object.find(name) == std::string::npos)
    failure.object = name + ": " + failure.object;
  return failure;
}

bool IsDevice(TarType type) { return type == TarType::kCharDevice || type == TarType::kBlockDevice; }

Status WriteAt(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno("unpack layer");
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

}  // namespace

Status EntryWriter::Write(TarEntry& entry, TarReader& reader) {
  const auto clean = CleanEntryName(entry.name);
  if (!clean) return clean.failure();
  auto written = WriteNamed(*clean, entry, reader);
  if (!written) return WithEntry(std::move(written).failure(), entry);
  return {};
}

Status EntryWriter::WriteNamed(const std::string& clean, TarEntry& entry, TarReader& reader) {
  if (clean.empty()) return WriteRoot(entry);
  const auto whiteout = options_.markers ? TSC_TRY(ParseWhiteout(clean)) : WhiteoutName{};
  if (whiteout.kind == Whiteout::kMetadata) return {};
  if (whiteout.kind == Whiteout::kRemoved) return WriteRemoved(whiteout.hidden);
  if (whiteout.kind == Whiteout::kOpaque) return tree_.MarkOpaque(*TSC_TRY(tree_.OpenDir(SplitEntryName(clean).parent, Missing::kCreate)));
  dropped_xattrs_ += DropForeignXattrs(entry.xattrs);
  if (entry.type == TarType::kCharDevice && entry.major == 0 && entry.minor == 0) return Because(EINVAL, entry);  // a forged whiteout
  const auto place = TSC_TRY(PlaceOf(clean, Missing::kCreate));
  switch (entry.type) {
    case TarType::kDirectory:
      return WriteDirectory(place, entry);
    case TarType::kFile:
      return WriteFile(place, entry, reader);
    case TarType::kSymlink:
      return WriteSymlink(place, entry);
    case TarType::kHardLink:
      return WriteHardLink(place, entry);
    default:
      return WriteNode(place, entry);
  }
}

Result<EntryWriter::Place> EntryWriter::PlaceOf(const std::string& clean, Missing missing) {
  auto split = SplitEntryName(clean);
  return Place{TSC_TRY(tree_.OpenDir(split.parent, missing)), std::move(split.leaf)};
}

Status EntryWriter::WriteRoot(TarEntry& entry) {
  if (entry.type != TarType::kDirectory) return Because(EINVAL, entry);
  dropped_xattrs_ += DropForeignXattrs(entry.xattrs);
  const auto root = TSC_TRY(tree_.OpenDir("", Missing::kFail));
  if (root->kept) return {};
  if (::fchmod(root->fd.get(), entry.mode & ~S_ISGID) != 0) return Because(errno, entry);
  tree_.MarkRootExplicit();
  return FinishDirectory(*root, entry);
}

// A whiteout speaks of the layers below only: what this layer itself has under the name stays, but hides what was there.
Status EntryWriter::WriteRemoved(const std::string& hidden) {
  const auto place = TSC_TRY(PlaceOf(hidden, Missing::kCreate));
  const int dir = place.dir->fd.get();
  if (::mknodat(dir, place.leaf.c_str(), S_IFCHR, ::makedev(0, 0)) == 0) return {};
  if (errno == EPERM && LiesOnOverlay(dir)) return WriteMarkerFile(dir, ".wh." + place.leaf);
  if (errno != EEXIST) return Errno("unpack layer");
  struct stat info {};
  if (::fstatat(dir, place.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Errno("unpack layer");
  if (!S_ISDIR(info.st_mode)) return {};
  return tree_.MarkOpaque(*TSC_TRY(tree_.MakeDir(*place.dir, place.leaf, info.st_mode & 07777)));
}

Status EntryWriter::WriteDirectory(const Place& place, TarEntry& entry) {
  const auto dir = TSC_TRY(tree_.MakeDir(*place.dir, place.leaf, entry.mode));
  return dir->kept ? Status{} : FinishDirectory(*dir, entry);
}

Status EntryWriter::FinishDirectory(const TreeDir& dir, TarEntry& entry) {
  const Owner owner = TSC_TRY(OwnerOf(entry, options_.owners));
  // A directory that was here before may belong to somebody else, so its owner is always set.
  if (!options_.owners.single_id && ::fchown(dir.fd.get(), owner.uid, owner.gid) != 0) return Because(errno, entry);
  LateMetadata late;
  late.mtime = entry.mtime;
  late.has_mtime = true;
  late.mode = (entry.mode & kSpecialBits) != 0 ? entry.mode : 0;
  late.xattrs = TakeInheritedXattrs(entry.xattrs);
  TSC_TRY(ApplyXattrs(dir.fd.get(), entry.xattrs, dropped_xattrs_));
  return tree_.Defer(dir, std::move(late));
}

// Calls `make`, which fails with EEXIST where something is in the way; then removes that and calls it again.
template <class Make>
Result<int> EntryWriter::MakeNew(const Place& place, Make make) {
  int made = make();
  if (made < 0 && errno == EEXIST) {
    TSC_TRY(tree_.Remove(*place.dir, place.leaf));
    made = make();
  }
  if (made < 0) return Errno("unpack layer");
  return made;
}

Status EntryWriter::WriteFile(const Place& place, const TarEntry& entry, TarReader& reader) {
  const int dir = place.dir->fd.get();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const UniqueFd file(TSC_TRY(MakeNew(place, [&] { return ::openat(dir, place.leaf.c_str(), kFlags, entry.mode & 0777); })));
  std::uint64_t end = 0;
  for (;;) {
    const TarData data = TSC_TRY(reader.Read());
    if (data.bytes.empty()) break;
    TSC_TRY(WriteAt(file.get(), data.bytes, data.offset));
    end = data.offset + data.bytes.size();
  }
  if (end < entry.size && ::ftruncate(file.get(), static_cast<off_t>(entry.size)) != 0) return Because(errno, entry);
  return FinishFile(file.get(), entry);
}

Status EntryWriter::FinishFile(int fd, const TarEntry& entry) {
  TSC_TRY(ApplyOwner(fd, TSC_TRY(OwnerOf(entry, options_.owners)), own_));
  if ((entry.mode & kSpecialBits) != 0 && ::fchmod(fd, entry.mode) != 0) return Because(errno, entry);
  TSC_TRY(ApplyXattrs(fd, entry.xattrs, dropped_xattrs_));
  const timespec times[2] = {entry.mtime, entry.mtime};
  if (::futimens(fd, times) != 0) return Because(errno, entry);
  return {};
}

Status EntryWriter::WriteSymlink(const Place& place, const TarEntry& entry) {
  if (entry.link.empty()) return Because(EINVAL, entry);
  TSC_TRY(MakeNew(place, [&] { return ::symlinkat(entry.link.c_str(), place.dir->fd.get(), place.leaf.c_str()); }));
  return FinishUnopened(place, entry);
}

Status EntryWriter::WriteNode(const Place& place, const TarEntry& entry) {
  const int dir = place.dir->fd.get();
  if (IsDevice(entry.type) && !options_.devices) {
    ++skipped_devices_;
    return tree_.Remove(*place.dir, place.leaf);
  }
  const mode_t kind = entry.type == TarType::kFifo ? S_IFIFO : entry.type == TarType::kBlockDevice ? S_IFBLK : S_IFCHR;
  const dev_t device = kind == S_IFIFO ? 0 : ::makedev(entry.major, entry.minor);
  TSC_TRY(MakeNew(place, [&] { return ::mknodat(dir, place.leaf.c_str(), kind | (entry.mode & 0777), device); }));
  TSC_TRY(FinishUnopened(place, entry));
  // Made just now and no link, so following changes nothing.
  if ((entry.mode & kSpecialBits) != 0 && ::fchmodat(dir, place.leaf.c_str(), entry.mode, 0) != 0) return Because(errno, entry);
  return {};
}

// Owner and time of what cannot be opened.
Status EntryWriter::FinishUnopened(const Place& place, const TarEntry& entry) {
  const Owner owner = TSC_TRY(OwnerOf(entry, options_.owners));
  const int dir = place.dir->fd.get();
  const char* leaf = place.leaf.c_str();
  const bool foreign = owner.uid != own_.uid || owner.gid != own_.gid;
  if (foreign && ::fchownat(dir, leaf, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, entry);
  dropped_xattrs_ += entry.xattrs.size();  // links and nodes can hold none of those that are left
  const timespec times[2] = {entry.mtime, entry.mtime};
  if (::utimensat(dir, leaf, times, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, entry);
  return {};
}

Status EntryWriter::WriteHardLink(const Place& place, const TarEntry& entry) {
  const auto clean = TSC_TRY(CleanEntryName(entry.link));
  if (clean.empty()) return Because(EINVAL, entry);
  const auto target = TSC_TRY(PlaceOf(clean, Missing::kFail));
  const int target_dir = target.dir->fd.get();
  const int dir = place.dir->fd.get();
  struct stat info {};
  if (::fstatat(target_dir, target.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Errno("unpack layer", PrintableName(entry.link));
  if (S_ISCHR(info.st_mode) && info.st_rdev == 0) return Because(EINVAL, entry);  // would be a second whiteout
  struct stat there {};
  const bool exists = ::fstatat(dir, place.leaf.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && there.st_ino == info.st_ino && there.st_dev == info.st_dev) return {};  // linked to itself, or once more
  const auto link = [&] { return ::linkat(target_dir, target.leaf.c_str(), dir, place.leaf.c_str(), 0); };
  TSC_TRY(MakeNew(place, link));
  return {};
}

}  // namespace tsc
