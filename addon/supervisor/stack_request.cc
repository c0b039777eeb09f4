// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stack_request.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "build/stack_path.h"
#include "core/paths.h"
#include "layer/confine.h"
#include "layer/copy_tree.h"
#include "layer/pack.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/stored_layers.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open directory", path);
  return fd;
}

std::string StagingPath(const Json& request) { return "tmp/" + StringMember(request, "name") + "/fs"; }

// An overlay has two layers at least, and hides what is for its own use only where there is one below: the empty staging directory is.
Result<UniqueFd> MountStack(const Host& host, const Json& request) {
  if (::unshare(CLONE_NEWNS) != 0) return Errno("unshare", "mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Errno("make mounts private", "/");
  const auto& root = host.options.root;
  std::vector<std::string> directories{root + "/" + StagingPath(request)};
  for (const auto& layer : StringsMember(request, "layers")) directories.push_back(root + "/layers/" + layer + "/fs");
  const auto overlay = TSC_TRY(MountOverlay({std::move(directories), "", "", host.userxattr, false, host.staging}));
  const UniqueFd place(::open(host.staging.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", host.staging);
  TSC_TRY(Attach(overlay.get(), place.get(), host.staging));
  auto mounted = TSC_TRY(OpenDirectory(AT_FDCWD, host.staging));
  TSC_TRY(ConfineWorker(mounted.get(), true, TreeAccess::kRead));
  return mounted;
}

Result<UniqueFd> CopyStack(const Host& host, const Json& request) {
  const auto store = TSC_TRY(OpenDirectory(AT_FDCWD, host.options.root));
  TSC_TRY(ConfineWorker(store.get(), true));
  auto target = TSC_TRY(OpenDirectory(store.get(), StagingPath(request)));
  auto layers = TSC_TRY(OpenStoredLayers(store.get(), StringsMember(request, "layers")));
  for (auto& layer : layers) TSC_TRY(CopyTree({layer.root.get(), target.get(), {}, !host.options.rootless, std::move(layer.implied)}));
  return target;
}

Result<Json> Export(const Host& host, const Json& request, int output) {
  const bool mounts = host.overlay && !StringsMember(request, "layers").empty();
  const auto root = TSC_TRY(mounts ? MountStack(host, request) : CopyStack(host, request));
  PackOptions options;
  options.source = root.get();
  options.output = output;
  options.live = true;
  options.digests = false;
  if (Member(request, "maxMtime").is_number()) options.max_mtime = IntMember(request, "maxMtime");
  const auto packed = TSC_TRY(PackLayer(options));
  return Json{{"entries", packed.entries}};
}

Status SendFile(int file, const std::string& path, std::uint64_t left, int output) {
  const auto buffer = std::make_unique<char[]>(kBuffer);
  while (left > 0) {
    const ssize_t count = ::read(file, buffer.get(), std::min<std::uint64_t>(kBuffer, left));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Errno("read file", path);
    if (count == 0) return Fail("read file", ESTALE, path);
    TSC_TRY(WriteAll(output, {buffer.get(), static_cast<std::size_t>(count)}, "output"));
    left -= static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<Json> Read(const Host& host, const Json& request, int output) {
  const auto store = TSC_TRY(OpenDirectory(AT_FDCWD, host.options.root));
  TSC_TRY(ConfineWorker(store.get(), true, TreeAccess::kRead));
  const LayerStack stack(TSC_TRY(OpenStoredLayers(store.get(), StringsMember(request, "layers"))));
  const auto path = StringMember(request, "path");
  const auto found = FindInStack(stack, path);
  const Json none{{"size", nullptr}};
  // Whatever is odd about what a stranger's image has there: it is no such file.
  if (!found.ok() || !found->missing.empty() || !found->entry || !S_ISREG(found->entry->info.st_mode)) return none;
  const auto size = static_cast<std::uint64_t>(found->entry->info.st_size);
  if (size > static_cast<std::uint64_t>(IntMember(request, "maxBytes"))) return none;
  const UniqueFd file(::openat(found->entry->dir, found->leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return Errno("open file", path);
  TSC_TRY(SendFile(file.get(), path, size, output));
  return Json{{"size", size}};
}

}  // namespace

Result<Json> ReadStack(const Host& host, const Json& request, int output) {
  return StringMember(request, "op") == "build.read" ? Read(host, request, output) : Export(host, request, output);
}

}  // namespace tsc
