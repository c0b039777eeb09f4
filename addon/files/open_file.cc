// SPDX-License-Identifier: Apache-2.0
#include "files/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr int kAttempts = 8;
constexpr int kAllowed = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NOFOLLOW | O_DSYNC | O_SYNC | O_NOATIME;
constexpr int kMaking = O_CREAT | O_EXCL;

Status RequireRegular(const UniqueFd& fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Errno("open file", path);
  if (S_ISREG(info.st_mode)) return {};
  if (S_ISDIR(info.st_mode)) return Fail("open file", EISDIR, path);
  return S_ISLNK(info.st_mode) ? Fail("open file", ELOOP, path) : Fail("open special file", EINVAL, path);
}

Result<OpenedFile> OpenThere(const FileRoot& root, const OpenFilePlan& plan, const UniqueFd& place) {
  TSC_TRY(RequireRegular(place, plan.path));
  const int flags = (plan.flags & kAllowed & ~kMaking & ~O_NOFOLLOW) | O_CLOEXEC;
  UniqueFd fd(::openat(root.descriptors.get(), DescriptorName(place).c_str(), flags));
  if (!fd) return Errno("open file", plan.path);
  return OpenedFile{std::move(fd)};
}

Result<OpenedFile> Made(UniqueFd fd, const OpenFilePlan& plan) {
  if (plan.owner && ::fchown(fd.get(), plan.owner->uid, plan.owner->gid) != 0) return Errno("change owner", plan.path);
  // After it, since a change of owner takes setuid and setgid away.
  if ((plan.mode & 07000) != 0 && ::fchmod(fd.get(), plan.mode) != 0) return Errno("change mode", plan.path);
  return OpenedFile{std::move(fd), true};
}

// A link that leads to nothing yet: the file is made where it points.
Result<OpenedFile> MakeBehindLink(const FileRoot& root, const OpenFilePlan& plan) {
  const int flags = (plan.flags & kAllowed & ~(O_EXCL | O_TRUNC)) | O_CREAT | O_NONBLOCK | O_NOCTTY;
  auto fd = OpenInRoot(root.root.get(), plan.path, flags, plan.mode & 0777);
  if (!fd) return Fail("open file", fd.failure().error, plan.path);
  TSC_TRY(RequireRegular(*fd, plan.path));
  return Made(std::move(*fd), plan);
}

}  // namespace

Result<UniqueFd> Locate(const FileRoot& root, const std::string& path, LastLink last, const char* step) {
  auto fd = OpenInRoot(root.root.get(), path, O_PATH | (last == LastLink::kKeep ? O_NOFOLLOW : 0));
  if (!fd) return Fail(step, fd.failure().error, path);
  return fd;
}

Result<NamedPlace> PlaceOf(const FileRoot& root, const std::string& path, const char* step) {
  NamedPlace place;
  auto directory = OpenParentInRoot(root.root.get(), path, &place.leaf);
  if (!directory) return Fail(step, directory.failure().error, path);
  place.directory = std::move(*directory);
  return place;
}

Result<OpenedFile> OpenFile(const FileRoot& root, const OpenFilePlan& plan) {
  const bool exclusive = (plan.flags & kMaking) == kMaking;
  const auto last = plan.flags & O_NOFOLLOW ? LastLink::kKeep : LastLink::kFollow;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!exclusive) {
      const auto there = Locate(root, plan.path, last, "open file");
      if (there) return OpenThere(root, plan, *there);
      if (there.failure().error != ENOENT || !(plan.flags & O_CREAT)) return there.failure();
    }
    const auto place = TSC_TRY(PlaceOf(root, plan.path, "open file"));
    const int flags = (plan.flags & kAllowed) | kMaking | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd fd(::openat(place.directory.get(), place.leaf.c_str(), flags, plan.mode & 0777));
    if (fd) return Made(std::move(fd), plan);
    if (errno != EEXIST || exclusive) return Errno("open file", plan.path);
    struct stat info {};
    const bool link = ::fstatat(place.directory.get(), place.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
    if (link && last == LastLink::kFollow && attempt > 0) return MakeBehindLink(root, plan);
  }
  return Fail("open file", EAGAIN, plan.path);
}

}  // namespace tsc
