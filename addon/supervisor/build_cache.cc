// SPDX-License-Identifier: Apache-2.0
#include "supervisor/build_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"
#include "layer/copy_tree.h"
#include "layer/deep_tree.h"
#include "layer/tree_size.h"
#include "supervisor/create_request.h"
#include "supervisor/root_metadata.h"
#include "supervisor/stack_lookup.h"
#include "supervisor/stored_layers.h"

namespace tsc {
namespace {

constexpr const char kCaches[] = "cache/build";
constexpr const char kStep[] = "fill cache";
constexpr const char kGone[] = ".gone";
constexpr mode_t kMode = 0755;

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno(kStep, path);
  return fd;
}

Result<std::string> NameOf(const Json& request) {
  auto name = StringMember(request, "cache");
  if (!IsId(name)) return Fail("parse id", EINVAL, name);
  return name;
}

Status CopyContent(const Host& host, int store, const Json& request, int target) {
  const auto source = StringMember(request, "source", "/");
  const LayerStack stack(TSC_TRY(OpenStoredLayers(store, StringsMember(request, "layers"))));
  const auto from = TSC_TRY(FindDirectory(stack, source));
  if (!from) return Fail(kStep, ENOENT, source);
  CopyTreeOptions options;
  options.target = target;
  options.devices = false;  // they are mounted nodev
  if (host.volume_shift() != 0) options.shift = {host.volume_shift(), host.options.mapped_ids};
  for (auto level = from->levels.rbegin(); level != from->levels.rend(); ++level) {
    options.source = level->fd.get();
    TSC_TRY(CopyTree(options));
  }
  return CopyDirectoryMetadata(stack.Source(*from).fd.get(), target, options.shift);
}

Status Own(const Host& host, const Json& request, int target) {
  const auto uid = IntMember(request, "uid"), gid = IntMember(request, "gid");
  const auto ids = static_cast<std::int64_t>(host.options.mapped_ids);
  if (std::min(uid, gid) < 0 || std::max(uid, gid) >= ids) return Fail(kStep, EINVAL, "owner");
  const auto shift = static_cast<std::int64_t>(host.volume_shift());
  if (::fchown(target, static_cast<uid_t>(uid + shift), static_cast<gid_t>(gid + shift)) != 0) return Errno(kStep, "owner");
  const auto mode = static_cast<mode_t>(IntMember(request, "mode", kMode)) & 07777U;
  return ::fchmod(target, mode) == 0 ? Status{} : Status(Errno(kStep, "mode"));
}

}  // namespace

Result<Json> MakeBuildCache(const Host& host, int store, const Json& request) {
  const auto cache = TSC_TRY(OpenDirectory(store, std::string(kCaches) + "/" + TSC_TRY(NameOf(request))));
  const auto number = std::to_string(IntMember(request, "number"));
  struct stat info {};
  if (::fstatat(cache.get(), number.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return Json{{"made", false}};
  const std::string unfinished = number + ".new";
  TSC_TRY(RemoveDeepTree(cache.get(), unfinished.c_str()));
  if (::mkdirat(cache.get(), unfinished.c_str(), 0700) != 0) return Errno(kStep, unfinished);
  const auto target = TSC_TRY(OpenDirectory(cache.get(), unfinished));
  const bool filled = !StringsMember(request, "layers").empty();
  if (filled) TSC_TRY(CopyContent(host, store, request, target.get()));
  const bool owned = Member(request, "uid").is_number() || Member(request, "gid").is_number() || Member(request, "mode").is_number();
  if (!filled || owned) TSC_TRY(Own(host, request, target.get()));
  if (::renameat(cache.get(), unfinished.c_str(), cache.get(), number.c_str()) != 0) return Errno(kStep, number);
  return Json{{"made", true}};
}

Result<Json> MeasureBuildCache(const Host&, int store, const Json& request) {
  const auto name = TSC_TRY(NameOf(request));
  const auto cache = OpenDirectory(store, std::string(kCaches) + "/" + name);
  if (!cache.ok() && cache.failure().error == ENOENT) return Json{{"bytes", 0}, {"entries", 0}};
  if (!cache.ok()) return cache.failure();
  const auto size = TSC_TRY(MeasureTree(cache->get()));
  return Json{{"bytes", size.bytes}, {"entries", size.entries}};
}

Result<Json> RemoveBuildCache(const Host&, int store, const Json& request) {
  const auto name = TSC_TRY(NameOf(request));
  const auto caches = TSC_TRY(OpenDirectory(store, kCaches));
  const auto gone = name + kGone;
  TSC_TRY(RemoveDeepTree(caches.get(), gone.c_str()));
  if (::renameat(caches.get(), name.c_str(), caches.get(), gone.c_str()) != 0) {
    if (errno == ENOENT) return Json::object();
    return Errno("remove cache", name);
  }
  TSC_TRY(RemoveDeepTree(caches.get(), gone.c_str()));
  return Json::object();
}

}  // namespace tsc
