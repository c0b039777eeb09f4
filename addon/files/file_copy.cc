// SPDX-License-Identifier: Apache-2.0
#include "files/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/paths.h"
#include "files/file_lists.h"
#include "files/file_owner.h"
#include "files/open_file.h"
#include "layer/pack.h"
#include "layer/unpack_tree.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

EntrySieve SieveOf(const std::vector<int>& descriptors) {
  return descriptors.size() > 2 ? EntrySieve(descriptors[1], descriptors[2]) : EntrySieve();
}

// The steps of layers are called otherwise here, and what they name are paths below that of the request.
Failure Renamed(Failure failure, const char* from, const char* to, const std::string& path) {
  if (failure.step != from) return failure;
  const bool below = !failure.object.empty() && failure.object != path;
  return Fail(to, failure.error, below ? path + (path.ends_with('/') ? "" : "/") + failure.object : path);
}

// Before anything is copied: an owner of an archive that cannot be had may be left out, one that was asked for may not.
Result<std::optional<Owner>> OwnerAskedFor(const FileRoot& root, const Json& request, const FileLimits& limits) {
  auto owner = TSC_TRY(OwnerNamed(root.root.get(), Member(request, "owner")));
  if (owner && std::max(owner->uid, owner->gid) >= limits.max_id) return Fail("change owner", EINVAL, StringMember(request, "path"));
  return owner;
}

Result<Json> CopyIn(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits& limits) {
  const auto path = StringMember(request, "path");
  UnpackTreeOptions options;
  options.input = descriptors[0];
  options.tree = {root.root.get(), path, TSC_TRY(OwnerAskedFor(root, request, limits))};
  options.sieve = SieveOf(descriptors);
  if (Member(request, "mode").is_number()) options.mode = static_cast<mode_t>(IntMember(request, "mode") & 07777);
  options.devices = limits.devices;
  options.single_id = limits.single_id;
  options.max_id = limits.max_id;
  auto unpacked = UnpackTree(std::move(options));
  if (!unpacked) return Renamed(std::move(unpacked).failure(), "unpack layer", "copy in", path);
  return Json{{"entries", unpacked->entries}, {"skippedDevices", unpacked->skipped_devices}, {"droppedXattrs", unpacked->dropped_xattrs}};
}

// A file is packed from the directory that it really is in.
Result<UniqueFd> SourceOf(const FileRoot& root, const std::string& path, std::string* only) {
  const auto place = TSC_TRY(Locate(root, path, LastLink::kFollow, "copy out"));
  struct stat info {};
  if (::fstat(place.get(), &info) != 0) return Errno("copy out", path);
  if (S_ISDIR(info.st_mode)) {
    UniqueFd source(::openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!source) return Errno("copy out", path);
    return source;
  }
  const auto real = TSC_TRY(RealPathOf(root, place, path));
  auto parent = TSC_TRY(PlaceOf(root, real, "copy out"));
  *only = parent.leaf;
  return std::move(parent.directory);
}

Result<Json> CopyOut(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits&) {
  const auto path = StringMember(request, "path");
  PackOptions options;
  const auto source = TSC_TRY(SourceOf(root, path, &options.only));
  auto sieve = SieveOf(descriptors);
  options.source = source.get();
  options.output = descriptors[0];
  options.as = StringMember(request, "as");
  options.sieve = &sieve;
  options.live = options.enter_mounts = options.root_entry = true;
  options.digests = false;
  auto packed = PackLayer(options);
  if (!packed) return Renamed(std::move(packed).failure(), "pack layer", "copy out", path);
  return Json{{"entries", packed->entries}, {"skippedSockets", packed->skipped_sockets}};
}

Status Fill(int file, int input, std::uint64_t left, char* buffer, const std::string& path) {
  while (left > 0) {
    const ssize_t n = ::read(input, buffer, std::min<std::uint64_t>(left, kBuffer));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Fail("copy in", n < 0 ? errno : EPIPE, path);
    const auto written = WriteAll(file, {buffer, static_cast<std::size_t>(n)}, path);
    if (!written) return Fail("copy in", written.failure().error, path);
    left -= static_cast<std::uint64_t>(n);
  }
  return {};
}

Status InjectFile(const FileRoot& root, const Json& file, int input, char* buffer) {
  OpenFilePlan plan;
  plan.path = StringMember(file, "path");
  plan.flags = O_WRONLY | O_CREAT | O_TRUNC;
  plan.mode = static_cast<mode_t>(IntMember(file, "mode", 0644) & 07777);
  plan.owner = TSC_TRY(OwnerNamed(root.root.get(), Member(file, "owner")));
  const auto parent = MkdirsInRoot(root.root.get(), plan.path.substr(0, plan.path.rfind('/') + 1));
  if (!parent) return Fail("make directory", parent.failure().error, plan.path);
  const auto fd = std::move(TSC_TRY(OpenFile(root, plan)).fd);
  TSC_TRY(Fill(fd.get(), input, static_cast<std::uint64_t>(IntMember(file, "size")), buffer, plan.path));
  // It may have been there, with others.
  if (plan.owner && ::fchown(fd.get(), plan.owner->uid, plan.owner->gid) != 0) return Errno("change owner", plan.path);
  if (::fchmod(fd.get(), plan.mode) != 0) return Errno("change mode", plan.path);
  return {};
}

Result<Json> Inject(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits&) {
  const std::unique_ptr<char[]> buffer(new char[kBuffer]);
  for (const auto& file : Member(request, "files")) TSC_TRY(InjectFile(root, file, descriptors[0], buffer.get()));
  return Json::object();
}

struct Kind {
  const char* name;
  Result<Json> (*run)(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits& limits);
};
constexpr Kind kKinds[] = {{"in", CopyIn}, {"out", CopyOut}, {"inject", Inject}};

}  // namespace

bool IsFileCopy(const std::string& what) {
  return std::any_of(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return what == kind.name; });
}

Result<Json> CopyFiles(const FileRoot& root, const Json& request, const std::vector<int>& descriptors, const FileLimits& limits) {
  const auto what = StringMember(request, "what");
  if (descriptors.empty()) return Fail("copy files", EINVAL, "descriptors missing");
  for (const auto& kind : kKinds)
    if (what == kind.name) return kind.run(root, request, descriptors, limits);
  return Fail("copy files", ENOSYS, what);
}

}  // namespace tsc
