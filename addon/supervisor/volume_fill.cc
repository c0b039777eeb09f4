// SPDX-License-Identifier: Apache-2.0
#include "supervisor/volume_fill.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "layer/confine.h"
#include "layer/copy_tree.h"
#include "layer/deep_tree.h"
#include "supervisor/root_metadata.h"
#include "supervisor/stack_lookup.h"
#include "supervisor/stored_layers.h"

namespace tsc {
namespace {

constexpr const char kStep[] = "fill volume";

Failure Of(const Failure& failure, const std::string& volume) {
  return Fail(kStep, failure.error, failure.object.empty() ? volume : volume + ": " + failure.object);
}

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno(kStep, path);
  return fd;
}

Result<bool> IsEmpty(int dir, const char* name) {
  const auto opened = TSC_TRY(OpenDirectory(dir, name));
  return TSC_TRY(ListDirectory(opened.get(), name, kStep)).empty();
}

bool Has(int dir, const char* name) {
  struct stat info {};
  return ::fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// What the layers say of directories below `path`, as names relative to it.
std::set<std::string> ImpliedBelow(const std::set<std::string>& implied, const std::string& path) {
  std::set<std::string> below;
  const std::string prefix = path + "/";
  for (auto it = implied.lower_bound(prefix); it != implied.end() && it->starts_with(prefix); ++it) below.insert(it->substr(prefix.size()));
  return below;
}

Status CopyContent(const Host& host, const LayerStack& stack, const LayerStack::Directory& from, int target) {
  CopyTreeOptions options;
  options.target = target;
  options.devices = false;  // volumes are mounted nodev: they would be of use to nobody but the host
  if (host.volume_shift() != 0) options.shift = {host.volume_shift(), host.options.mapped_ids};
  for (auto level = from.levels.rbegin(); level != from.levels.rend(); ++level) {
    options.source = level->fd.get();
    options.implied = ImpliedBelow(stack.ImpliedOf(*level), from.path);
    TSC_TRY(CopyTree(options));
  }
  return CopyDirectoryMetadata(stack.Source(from).fd.get(), target, options.shift);
}

// What is there already stays: somebody has written to the volume meanwhile.
Status MoveEntries(int volume) {
  const auto full = TSC_TRY(OpenDirectory(volume, "full"));
  const auto data = TSC_TRY(OpenDirectory(volume, "data"));
  const auto metadata = TSC_TRY(DescribeDirectory(full.get(), {}));  // moving changes the time of both
  std::uint64_t dropped = 0;
  TSC_TRY(ApplyMetadata(data.get(), metadata, dropped));
  for (const auto& leaf : TSC_TRY(ListDirectory(full.get(), "full", kStep))) {
    if (::renameat2(full.get(), leaf.c_str(), data.get(), leaf.c_str(), RENAME_NOREPLACE) != 0 && errno != EEXIST)
      return Errno(kStep, leaf);
  }
  TSC_TRY(ApplyMetadata(data.get(), metadata, dropped));
  return RemoveDeepTree(volume, "full");
}

Status FillOne(const Host& host, const LayerStack& stack, int store, const VolumeUse& use) {
  const auto volume = TSC_TRY(OpenDirectory(store, "volumes/" + use.name));
  if (!Has(volume.get(), "full")) {
    if (!TSC_TRY(IsEmpty(volume.get(), "data"))) return {};
    const auto from = TSC_TRY(FindDirectory(stack, use.copy_from));
    if (!from) return {};
    TSC_TRY(RemoveDeepTree(volume.get(), "new"));
    if (::mkdirat(volume.get(), "new", 0700) != 0) return Errno(kStep, "new");
    const auto target = TSC_TRY(OpenDirectory(volume.get(), "new"));
    TSC_TRY(CopyContent(host, stack, *from, target.get()));
    // An anonymous one ends with its container; what others keep has to be whole after a power failure, too.
    if (!use.anonymous && ::syncfs(target.get()) != 0) return Errno(kStep, "sync");
    if (::renameat(volume.get(), "new", volume.get(), "full") != 0) return Errno(kStep, "full");
  }
  return MoveEntries(volume.get());
}

// One at a time for each volume; in the order of their names, so that no two wait for each other.
Result<std::vector<UniqueFd>> LockAll(const Host& host, std::vector<VolumeUse>* uses) {
  std::sort(uses->begin(), uses->end(), [](const VolumeUse& one, const VolumeUse& other) { return one.name < other.name; });
  std::vector<UniqueFd> locks;
  for (const auto& use : *uses) {
    locks.push_back(TSC_TRY(OpenDirectory(host.root_dir.get(), "volumes/" + use.name + "/data")));
    int locked;
    do locked = ::flock(locks.back().get(), LOCK_EX);
    while (locked != 0 && errno == EINTR);
    if (locked != 0) return Errno(kStep, use.name);
  }
  return locks;
}

}  // namespace

std::vector<VolumeUse> VolumesToFill(const Host& host, const std::vector<VolumeUse>& uses) {
  std::vector<VolumeUse> fill;
  std::set<std::string> seen;
  for (const auto& use : uses) {
    if (use.copy_from.empty() || !seen.insert(use.name).second) continue;
    const UniqueFd volume(::openat(host.root_dir.get(), ("volumes/" + use.name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!volume) continue;
    const auto empty = IsEmpty(volume.get(), "data");
    if (Has(volume.get(), "full") || (empty.ok() && *empty)) fill.push_back(use);
  }
  return fill;
}

Result<Json> FillVolumes(const Host& host, const VolumeFill& fill) {
  auto uses = fill.uses;
  const auto locks = TSC_TRY(LockAll(host, &uses));
  const UniqueFd store(::open(host.options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!store) return Errno("open directory", host.options.root);
  TSC_TRY(ConfineWorker(store.get(), true));
  const LayerStack stack(TSC_TRY(OpenStoredLayers(store.get(), fill.layers)));
  for (const auto& use : uses) {
    const auto filled = FillOne(host, stack, store.get(), use);
    if (!filled.ok()) return Of(filled.failure(), use.name);
  }
  return Json::object();
}

}  // namespace tsc
