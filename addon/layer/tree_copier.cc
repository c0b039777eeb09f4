// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_copier.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <climits>

#include "core/syscalls.h"
#include "layer/deep_tree.h"
#include "layer/entry_name.h"
#include "layer/layer_stack.h"
#include "layer/tree_xattrs.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr const char* kStep = "copy layer";

Failure Because(int error, const std::string& path) { return Fail(kStep, error, PrintableName(path)); }

// Failures further down name an attribute, or nothing; this says of which file.
Failure Of(const Failure& failure, const std::string& path) {
  return Fail(kStep, failure.error, PrintableName(path) + (failure.object.empty() ? "" : ": " + failure.object));
}

// Missing is fine.
Status Remove(int dir, const std::string& leaf, const std::string& path) {
  if (::unlinkat(dir, leaf.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return Because(errno, path);
  const auto removed = RemoveDeepTree(dir, leaf.c_str());
  return removed ? Status{} : Status(Because(removed.failure().error, path));
}

bool IsWhiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0); }

}  // namespace

Status TreeCopier::Run() {
  todo_.push_back({""});
  while (!todo_.empty()) {
    const Step step = std::move(todo_.back());
    todo_.pop_back();
    if (!step.leave) {
      TSC_TRY(CopyChildren(step));
      continue;
    }
    const UniqueFd dir = OpenRealDirectory(options_.target, step.path);
    if (!dir) return Because(errno, step.path);
    const auto applied = ApplyMetadata(dir.get(), *step.leave, result_.dropped_xattrs);
    if (!applied) return Of(applied.failure(), step.path);
  }
  return {};
}

Status TreeCopier::CopyChildren(const Step& step) {
  const UniqueFd source = OpenRealDirectory(options_.source, step.path);
  const UniqueFd target = source ? OpenRealDirectory(options_.target, step.path) : UniqueFd();
  if (!target) return Because(errno, step.path);
  const auto names = TSC_TRY(ListDirectory(source.get(), step.path, kStep));
  TSC_TRY(Clear(target.get(), step, names));
  for (const auto& leaf : names) {
    if (HasWhiteoutPrefix(leaf)) continue;
    const auto path = step.path.empty() ? leaf : step.path + "/" + leaf;
    TSC_TRY(CopyEntry({source.get(), target.get(), leaf, path}));
  }
  return {};
}

// What the layer hides of those below. Devices and attributes say so, or marker files (layer/marker_file.h): those come first, since beside
// one may be what the layer has itself under the name.
Status TreeCopier::Clear(int target, const Step& step, const std::vector<std::string>& names) {
  bool opaque = step.opaque;
  for (const auto& leaf : names) {
    if (!HasWhiteoutPrefix(leaf)) continue;
    const auto mark = ParseWhiteout(leaf);
    if (!mark) return Because(mark.failure().error, step.path);
    opaque |= mark->kind == Whiteout::kOpaque;
    if (mark->kind == Whiteout::kRemoved) TSC_TRY(Remove(target, mark->hidden, step.path));
  }
  if (!opaque) return {};
  for (const auto& leaf : TSC_TRY(ListDirectory(target, step.path, kStep))) TSC_TRY(Remove(target, leaf, step.path));
  return {};
}

Status TreeCopier::CopyEntry(const Place& place) {
  struct stat info {};
  if (::fstatat(place.source, place.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, place.path);
  ++result_.entries;
  if (IsWhiteout(info)) return Remove(place.target, place.leaf, place.path);
  if (S_ISDIR(info.st_mode)) return MergeDirectory(place);
  if ((S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) && !options_.devices) {
    ++result_.skipped_devices;
    return Remove(place.target, place.leaf, place.path);
  }
  if (info.st_nlink > 1 && TSC_TRY(LinkKnown(place, info))) return {};
  if (S_ISREG(info.st_mode)) return CopyFile(place, info);
  if (S_ISLNK(info.st_mode)) return CopySymlink(place, info);
  return CopyNode(place, info);
}

Result<FileMetadata> TreeCopier::Describe(int fd, const struct stat& info, const IdShift& shift, bool* opaque) const {
  FileMetadata metadata;
  metadata.owner = TSC_TRY(ShiftOwner(info, shift));
  metadata.mode = info.st_mode & 07777;
  metadata.mtime = info.st_mtim;
  auto xattrs = TSC_TRY(ReadXattrs(fd, 0));
  if (xattrs.partial) return Fail("copy layer", EOPNOTSUPP, "overlay redirect");  // the content is elsewhere
  *opaque = xattrs.opaque;
  metadata.xattrs = std::move(xattrs.kept);
  ShiftXattrs(metadata.xattrs, shift);
  return metadata;
}

Status TreeCopier::MergeDirectory(const Place& place) {
  const UniqueFd source = OpenRealDirectory(place.source, place.leaf);
  struct stat info {};
  if (!source || ::fstat(source.get(), &info) != 0) return Because(errno, place.path);
  bool opaque = false, ignored = false;
  auto metadata = Describe(source.get(), info, options_.shift, &opaque);
  if (!metadata) return Of(metadata.failure(), place.path);
  const char* leaf = place.leaf.c_str();
  bool fresh = ::mkdirat(place.target, leaf, 0700) == 0;
  if (!fresh && errno != EEXIST) return Because(errno, place.path);
  UniqueFd target = OpenRealDirectory(place.target, place.leaf);
  if (!target && !fresh && (errno == ENOTDIR || errno == ELOOP)) {
    TSC_TRY(Remove(place.target, place.leaf, place.path));
    fresh = ::mkdirat(place.target, leaf, 0700) == 0;
    if (fresh) target = OpenRealDirectory(place.target, place.leaf);
  }
  if (!target || ::fstat(target.get(), &info) != 0) return Because(errno, place.path);
  if (!fresh) {
    auto below = Describe(target.get(), info, {}, &ignored);
    if (!below) return Of(below.failure(), place.path);
    const auto cleared = ClearXattrs(target.get(), below->xattrs);
    if (!cleared) return Of(cleared.failure(), place.path);
    if (options_.implied.contains(place.path)) metadata = std::move(below);
  }
  todo_.push_back({place.path, false, std::move(*metadata)});
  todo_.push_back({place.path, opaque && !fresh});
  return {};
}

// Calls `make`, which fails with EEXIST where something of a layer below is in the way; then removes that and calls it again.
template <class Make>
Result<int> TreeCopier::MakeNew(const Place& place, Make make) {
  int made = make();
  if (made < 0 && errno == EEXIST) {
    TSC_TRY(Remove(place.target, place.leaf, place.path));
    made = make();
  }
  if (made < 0) return Because(errno, place.path);
  return made;
}

// Whether the same file of this layer is in the target already, and now under this name as well.
Result<bool> TreeCopier::LinkKnown(const Place& place, const struct stat& info) {
  const auto [first, is_new] = links_.emplace(std::pair{info.st_dev, info.st_ino}, place.path);
  if (is_new) return false;
  const auto known = SplitEntryName(first->second);
  const UniqueFd dir = OpenRealDirectory(options_.target, known.parent);
  if (!dir) return Because(errno, first->second);
  const auto made = MakeNew(place, [&] { return ::linkat(dir.get(), known.leaf.c_str(), place.target, place.leaf.c_str(), 0); });
  if (!made && made.failure().error == EMLINK) return false;  // the file system has fewer links than the layer's had
  if (!made) return made.failure();
  return true;
}

Status TreeCopier::CopyFile(const Place& place, const struct stat& expected) {
  // Not blocking, and looked at again: nobody changes layers, but nothing here depends on that.
  const UniqueFd from(::openat(place.source, place.leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!from || ::fstat(from.get(), &info) != 0) return Because(errno, place.path);
  if (!S_ISREG(info.st_mode) || info.st_ino != expected.st_ino) return Because(ESTALE, place.path);
  bool ignored = false;
  const auto metadata = Describe(from.get(), info, options_.shift, &ignored);
  if (!metadata) return Of(metadata.failure(), place.path);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const UniqueFd to(TSC_TRY(MakeNew(place, [&] { return ::openat(place.target, place.leaf.c_str(), kFlags, 0600); })));
  auto copied = data_.Copy(from.get(), to.get(), static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_blocks));
  if (copied) copied = ApplyMetadata(to.get(), *metadata, result_.dropped_xattrs);
  return copied ? Status{} : Status(Of(copied.failure(), place.path));
}

Status TreeCopier::CopySymlink(const Place& place, const struct stat& info) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(place.source, place.leaf.c_str(), target, sizeof target - 1);
  if (length < 0) return Because(errno, place.path);
  target[length] = '\0';
  TSC_TRY(MakeNew(place, [&] { return ::symlinkat(target, place.target, place.leaf.c_str()); }));
  return FinishUnopened(place, info);
}

Status TreeCopier::CopyNode(const Place& place, const struct stat& info) {
  TSC_TRY(MakeNew(place, [&] { return ::mknodat(place.target, place.leaf.c_str(), info.st_mode & (S_IFMT | 0777), info.st_rdev); }));
  return FinishUnopened(place, info);
}

// Owner, mode and time of what cannot be opened.
Status TreeCopier::FinishUnopened(const Place& place, const struct stat& info) {
  const auto owner = ShiftOwner(info, options_.shift);
  if (!owner) return Of(owner.failure(), place.path);
  const char* leaf = place.leaf.c_str();
  if (::fchownat(place.target, leaf, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, place.path);
  // Made just now and no link, so following changes nothing.
  if (!S_ISLNK(info.st_mode) && ::fchmodat(place.target, leaf, info.st_mode & 07777, 0) != 0) return Because(errno, place.path);
  const timespec times[2] = {info.st_mtim, info.st_mtim};
  if (::utimensat(place.target, leaf, times, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, place.path);
  return {};
}

}  // namespace tsc
