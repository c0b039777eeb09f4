// SPDX-License-Identifier: Apache-2.0
#include "files/file_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cmath>

#include "core/paths.h"
#include "files/file_lists.h"
#include "files/file_owner.h"
#include "files/open_file.h"
#include "layer/deep_tree.h"

namespace tsc {
namespace {

constexpr int kPermissions = 07777;

LastLink LastOf(const Json& request) { return BoolMember(request, "follow", true) ? LastLink::kFollow : LastLink::kKeep; }
std::string PathOf(const Json& request) { return StringMember(request, "path"); }

Json Milliseconds(const statx_timestamp& time) { return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_nsec) / 1e6; }

timespec TimeOf(const Json& milliseconds) {
  if (!milliseconds.is_number()) return {0, UTIME_OMIT};
  const double value = std::clamp(milliseconds.get<double>(), -0x1p62, 0x1p62);  // the kernel clamps too, to what the file system has
  const double seconds = std::floor(value / 1000);
  return {static_cast<time_t>(seconds), static_cast<long>(std::clamp(std::floor((value - seconds * 1000) * 1e6), 0.0, 999'999'999.0))};
}

Result<Json> Stat(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto fd = TSC_TRY(Locate(root, path, LastOf(request), "stat file"));
  struct statx info {};
  if (::statx(fd.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &info) != 0) return Errno("stat file", path);
  return Json{{"mode", info.stx_mode},
              {"uid", info.stx_uid},
              {"gid", info.stx_gid},
              {"size", info.stx_size},
              {"nlink", info.stx_nlink},
              {"ino", info.stx_ino},
              {"blocks", info.stx_blocks},
              {"rdev", {info.stx_rdev_major, info.stx_rdev_minor}},
              {"atimeMs", Milliseconds(info.stx_atime)},
              {"mtimeMs", Milliseconds(info.stx_mtime)},
              {"ctimeMs", Milliseconds(info.stx_ctime)},
              {"birthtimeMs", info.stx_mask & STATX_BTIME ? Milliseconds(info.stx_btime) : Json()}};
}

Result<Json> Open(const FileRoot& root, const Json& request, UniqueFd* opened) {
  OpenFilePlan plan;
  plan.path = PathOf(request);
  plan.flags = static_cast<int>(IntMember(request, "flags"));
  plan.mode = static_cast<mode_t>(IntMember(request, "mode", 0644) & kPermissions);
  plan.owner = TSC_TRY(OwnerNamed(root.root.get(), Member(request, "owner")));
  auto file = TSC_TRY(OpenFile(root, plan));
  *opened = std::move(file.fd);
  return Json{{"made", file.made}};
}

Status MakeDirectory(const NamedPlace& place, mode_t mode, const std::optional<Owner>& owner, const std::string& path) {
  const int dir = place.directory.get();
  const char* leaf = place.leaf.c_str();
  if (::mkdirat(dir, leaf, mode & 0777) != 0) return Errno("make directory", path);
  if (!owner && (mode & ~0777u) == 0) return {};
  const UniqueFd made(::openat(dir, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made) return Errno("make directory", path);
  if (owner && ::fchown(made.get(), owner->uid, owner->gid) != 0) return Errno("change owner", path);
  if ((mode & ~0777u) != 0 && ::fchmod(made.get(), mode) != 0) return Errno("change mode", path);
  return {};
}

// Each beginning of the path, as far as it is missing. Whoever makes one at the same time is as welcome.
Result<Json> MakeDirectories(const FileRoot& root, const std::string& path, mode_t mode, const std::optional<Owner>& owner) {
  Json first;
  for (std::size_t end = path.find_first_not_of('/'); end < path.size(); end = path.find_first_not_of('/', end)) {
    end = std::min(path.find('/', end), path.size());
    const auto prefix = path.substr(0, end);
    const auto there = Locate(root, prefix, LastLink::kFollow, "make directory");
    struct stat info {};
    if (there && (::fstat(there->get(), &info) != 0 || !S_ISDIR(info.st_mode)))
      return Fail("make directory", end == path.size() ? EEXIST : ENOTDIR, path);
    if (there) continue;
    if (there.failure().error != ENOENT) return Fail("make directory", there.failure().error, path);
    const auto place = TSC_TRY(PlaceOf(root, prefix, "make directory"));
    const auto made = MakeDirectory(place, mode, owner, path);
    if (!made && made.failure().error != EEXIST) return made.failure();
    if (made && first.is_null()) first = prefix;
  }
  return Json{{"first", first}};
}

Result<Json> Mkdir(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto mode = static_cast<mode_t>(IntMember(request, "mode", 0755) & kPermissions);
  const auto owner = TSC_TRY(OwnerNamed(root.root.get(), Member(request, "owner")));
  if (BoolMember(request, "recursive")) return MakeDirectories(root, path, mode, owner);
  const auto place = TSC_TRY(PlaceOf(root, path, "make directory"));
  TSC_TRY(MakeDirectory(place, mode, owner, path));
  return Json{{"first", path}};
}

Result<Json> Remove(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const bool missing_is_fine = BoolMember(request, "force");
  const auto place = PlaceOf(root, path, "remove file");
  if (!place) return missing_is_fine && place.failure().error == ENOENT ? Result<Json>(Json::object()) : place.failure();
  const int dir = place->directory.get();
  if (::unlinkat(dir, place->leaf.c_str(), 0) == 0 || (errno == ENOENT && missing_is_fine)) return Json::object();
  if (errno != EISDIR || !BoolMember(request, "recursive")) return Errno("remove file", path);
  const auto removed = RemoveDeepTree(dir, place->leaf.c_str());
  if (!removed) return Fail("remove file", removed.failure().error, path);
  return Json::object();
}

Result<Json> Rename(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto from = TSC_TRY(PlaceOf(root, path, "rename file"));
  const auto to = TSC_TRY(PlaceOf(root, StringMember(request, "to"), "rename file"));
  if (::renameat(from.directory.get(), from.leaf.c_str(), to.directory.get(), to.leaf.c_str()) != 0) return Errno("rename file", path);
  return Json::object();
}

Result<Json> Chmod(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto fd = TSC_TRY(Locate(root, path, LastLink::kFollow, "change mode"));
  const auto mode = static_cast<mode_t>(IntMember(request, "mode") & kPermissions);
  if (::fchmodat(root.descriptors.get(), DescriptorName(fd).c_str(), mode, 0) != 0) return Errno("change mode", path);
  return Json::object();
}

Result<Json> Chown(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto owner = TSC_TRY(OwnerNamed(root.root.get(), Member(request, "owner")));
  if (!owner) return Fail("change owner", EINVAL, path);
  const auto fd = TSC_TRY(Locate(root, path, LastOf(request), "change owner"));
  if (::fchownat(fd.get(), "", owner->uid, owner->gid, AT_EMPTY_PATH) != 0) return Errno("change owner", path);
  return Json::object();
}

Result<Json> SetTimes(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto fd = TSC_TRY(Locate(root, path, LastLink::kFollow, "set times"));
  const timespec times[2] = {TimeOf(Member(request, "atimeMs")), TimeOf(Member(request, "mtimeMs"))};
  if (::utimensat(root.descriptors.get(), DescriptorName(fd).c_str(), times, 0) != 0) return Errno("set times", path);
  return Json::object();
}

Result<Json> Symlink(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto place = TSC_TRY(PlaceOf(root, path, "make link"));
  if (::symlinkat(StringMember(request, "to").c_str(), place.directory.get(), place.leaf.c_str()) != 0) return Errno("make link", path);
  return Json::object();
}

Result<Json> Link(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto existing = StringMember(request, "to");
  const auto fd = TSC_TRY(Locate(root, existing, LastLink::kKeep, "make link"));
  const auto place = TSC_TRY(PlaceOf(root, path, "make link"));
  const int dir = place.directory.get();
  if (::linkat(root.descriptors.get(), DescriptorName(fd).c_str(), dir, place.leaf.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return Errno("make link", path);
  }
  return Json::object();
}

Result<Json> Readlink(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto fd = TSC_TRY(Locate(root, path, LastLink::kKeep, "read link"));
  char target[PATH_MAX];
  // Of a descriptor that is no link the kernel says ENOENT.
  const ssize_t length = ::readlinkat(fd.get(), "", target, sizeof target);
  if (length < 0) return Fail("read link", errno == ENOENT ? EINVAL : errno, path);
  return Json{{"target", std::string(target, static_cast<std::size_t>(length))}};
}

Result<Json> Realpath(const FileRoot& root, const Json& request, UniqueFd*) {
  const auto path = PathOf(request);
  const auto fd = TSC_TRY(Locate(root, path, LastLink::kFollow, "resolve path"));
  return Json{{"path", TSC_TRY(RealPathOf(root, fd, path))}};
}

Result<Json> Readdir(const FileRoot& root, const Json& request, UniqueFd*) {
  return ListFiles(root, PathOf(request), BoolMember(request, "recursive"));
}

struct Call {
  const char* name;
  Result<Json> (*run)(const FileRoot& root, const Json& request, UniqueFd* opened);
};
constexpr Call kCalls[] = {{"stat", Stat},     {"open", Open},         {"readdir", Readdir},  {"mkdir", Mkdir},     {"rm", Remove},
                           {"rename", Rename}, {"chmod", Chmod},       {"chown", Chown},      {"utimes", SetTimes}, {"symlink", Symlink},
                           {"link", Link},     {"readlink", Readlink}, {"realpath", Realpath}};

}  // namespace

bool IsFileCall(const std::string& call) {
  return std::any_of(std::begin(kCalls), std::end(kCalls), [&](const Call& known) { return call == known.name; });
}

Result<Json> CallFile(const FileRoot& root, const Json& request, UniqueFd* opened) {
  const auto name = StringMember(request, "call");
  for (const auto& call : kCalls)
    if (name == call.name) return call.run(root, request, opened);
  return Fail("call file", ENOSYS, name);
}

}  // namespace tsc
