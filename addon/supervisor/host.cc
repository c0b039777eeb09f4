// SPDX-License-Identifier: Apache-2.0
#include "supervisor/host.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/id_map.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/copied_root.h"
#include "supervisor/disk_quota.h"
#include "supervisor/id_range.h"
#include "supervisor/root_request.h"
#include "supervisor/run_lock.h"
#include "supervisor/store_claim.h"

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kUntilCleaned{500};

// FNV-1a: a short name for one run directory, not a secret.
std::string ShortHash(const std::string& text) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const unsigned char byte : text) hash = (hash ^ byte) * 1099511628211ULL;
  char name[17];
  std::snprintf(name, sizeof name, "%012llx", static_cast<unsigned long long>(hash >> 16));
  return name;
}

Result<UniqueFd> OpenStateDirectory(const std::string& path) {
  const UniqueFd slash(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  auto dir = TSC_TRY(MkdirsInRoot(slash.get(), path, 0700));
  UniqueFd readable(::openat(dir.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return Errno("open directory", path);
  return readable;
}

// Whoever cleans old files out of /tmp leaves alone what is below a directory that somebody has locked (tmpfiles.d(5)). Monitors have the
// same descriptor, and so the lock.
void KeepFromCleaning(const UniqueFd& directory) { (void)LockWithin(kUntilCleaned, directory.get(), LOCK_SH); }

Status MakeMountPointsAt(int store, const std::string& path, std::initializer_list<const char*> files) {
  const auto base = TSC_TRY(MkdirsInRoot(store, path));
  for (const char* name : {"dev", "proc", "sys", "etc"}) TSC_TRY(MkdirsInRoot(base.get(), name));
  for (const char* name : files) {
    const UniqueFd file(::openat(base.get(), name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) return Errno("create", name);
  }
  return {};
}

// Below every image's layers: what each container mounts upon, so that no start has to make it on the disk. A layer that has one of these
// paths, in whatever form, hides what is here.
Status MakeMountPoints(const Host& host) {
  const int store = host.root_dir.get();
  const std::string beside = "layers/.mount-points";
  TSC_TRY(MkdirsInRoot(store, beside + Host::kNothing));
  TSC_TRY(MakeMountPointsAt(store, beside + kFewMountPoints, {"etc/hosts", "etc/resolv.conf"}));
  return MakeMountPointsAt(store, std::string("layers") + Host::kMountPoints, {"etc/hosts", "etc/hostname", "etc/resolv.conf"});
}

Status MakeDirectories(const Host& host) {
  for (const char* name : {"layers", "containers", "names", "tmp", "trash", "cache", "blobs", "locks", "parked", "volumes"}) {
    if (::mkdirat(host.root_dir.get(), name, 0700) != 0 && errno != EEXIST) return Errno("mkdir", name);
  }
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), "v1/monitors", 0700));
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), "v1/staging", 0700));
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), "v1/staging-nursery", 0700));
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), "v1/layers", 0700));
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), "v1/memory", 0700));
  return MakeMountPoints(host);
}

Status EnterMountNamespace() {
  if (::unshare(CLONE_NEWNS) != 0) return Errno("unshare", "mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return Errno("make mounts slaves", "/");
  return {};
}

// The layer store once more, with its owners shifted into the containers' range: overlay stacks directories of this copy.
Status MountShiftedLayers(Host* host) {
  const std::string source = host->options.root + "/layers";
  const std::string target = host->options.run_root + "/v1/layers";
  const auto tree = TSC_TRY(CloneMount(AT_FDCWD, source, false));
  TSC_TRY(IdmapMount(tree.get(), host->idmap_namespace.get(), source));
  const UniqueFd place(::open(target.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", target);
  TSC_TRY(Attach(tree.get(), place.get(), target));
  host->layers = target;
  return {};
}

Status TryOverlayOverShiftedLayers(const Host& host) {
  const UniqueFd layers(::open((host.options.root + "/layers").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!layers) return Errno("open", "layers");
  TSC_TRY(MkdirsInRoot(layers.get(), ".probe/a", 0700));
  TSC_TRY(MkdirsInRoot(layers.get(), ".probe/b", 0700));
  const auto mounted = MountOverlay({{host.layers + "/.probe/a", host.layers + "/.probe/b"}, "", "", false, false, host.staging});
  TSC_TRY(RemoveTree(layers.get(), ".probe"));
  return mounted.ok() ? Status{} : Status(mounted.failure());
}

Status SetUpRootMaps(Host* host) {
  host->id_maps = {IdMapping{0, FindIdRange(host->options.mapped_ids), host->options.mapped_ids}};
  host->idmap_namespace = TSC_TRY(NewUserNamespace(host->id_maps, host->id_maps));
  host->idmap_volumes = CanIdmap(*host, "volumes");
  if (!host->overlay) {
    host->idmap_containers = CanIdmap(*host, "containers");
    return {};
  }
  TSC_TRY(MountShiftedLayers(host));
  return TryOverlayOverShiftedLayers(*host);
}

void SetUpUserNamespaces(Host* host) {
  host->layers = host->options.root + "/layers";
  if (host->options.rootless) {
    // In the pieces that the engine's own map has: an extent must lie within one of its parent's.
    host->id_maps = {IdMapping{0, 0, 1}};
    if (host->options.mapped_ids > 1) host->id_maps.push_back({1, 1, host->options.mapped_ids - 1});
    host->user_namespaces = true;
    return;
  }
  const auto set_up = SetUpRootMaps(host);
  host->user_namespaces = set_up.ok();
  if (set_up.ok()) return;
  const auto& failure = set_up.failure();
  host->no_user_namespaces_reason = failure.step + " " + failure.object + ": " + strerrorname_np(failure.error);
  host->layers = host->options.root + "/layers";
  host->idmap_namespace.reset();
  host->id_maps.clear();
}

Status MountMemory(Host* host) {
  host->memory = host->options.run_root + "/v1/memory";
  const auto fs =
      TSC_TRY(NewFileSystem("tmpfs", {{"mode", "700"}, {"size", "64m"}}, sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrNoexec));
  const UniqueFd place(::open(host->memory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", host->memory);
  TSC_TRY(Attach(fs.get(), place.get(), host->memory));
  host->memory_dir.reset(::open(host->memory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!host->memory_dir) return Errno("open", host->memory);
  return {};
}

// For tests, and to find out whether overlayfs is what makes a difference.
bool CopyIsForced() {
  const char* snapshotter = std::getenv("TSCONTAINER_SNAPSHOTTER");
  return snapshotter && std::string_view(snapshotter) == "copy";
}

// Overlayfs mounts without them, and then shows whiteouts as files and what an opaque directory was to hide.
bool HasTypesAndAttributes(const std::string& directory, const char* attribute) {
  if (::setxattr(directory.c_str(), attribute, "y", 1, 0) != 0) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
  const dirent* entry = stream ? ::readdir(stream.get()) : nullptr;
  return entry && entry->d_type != DT_UNKNOWN;
}

// Overlay as it will be used: with an upper layer, in the store's own file system.
bool TryOverlay(Host* host) {
  const std::string base = host->options.root + "/tmp/overlay-probe";
  const UniqueFd tmp(::openat(host->root_dir.get(), "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const char* name : {"", "/l", "/u", "/w"}) ::mkdir((base + name).c_str(), 0700);
  const bool fit = HasTypesAndAttributes(base + "/l", host->userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque");
  const auto mounted = MountOverlay({{base + "/l"}, base + "/u", base + "/w", host->userxattr, false, host->staging});
  if (tmp) (void)RemoveTree(tmp.get(), "overlay-probe").ok();
  return fit && mounted.ok();
}

}  // namespace

Result<Host> OpenHost(const HostOptions& options) {
  Host host;
  host.options = options;
  host.root_dir = TSC_TRY(OpenStateDirectory(options.root));
  host.run_dir = TSC_TRY(OpenStateDirectory(options.run_root));
  KeepFromCleaning(host.run_dir);
  host.store_claim = TSC_TRY(ClaimStore(host.root_dir.get(), host.run_dir.get(), options.run_root.c_str()));
  TSC_TRY(MakeDirectories(host));
  TSC_TRY(EnterMountNamespace());
  TSC_TRY(MountMemory(&host));
  host.staging = options.run_root + "/v1/staging";
  host.userxattr = options.rootless;
  host.overlay = !CopyIsForced() && TryOverlay(&host);
  host.disk_quotas = HoldsDiskQuotas(host);
  SetUpUserNamespaces(&host);
  host.cgroups = std::make_unique<CgroupDriver>(TSC_TRY(CgroupDriver::Open({.name = "tscontainer-" + ShortHash(options.run_root)})));
  utsname names{};
  ::uname(&names);
  host.kernel = names.release;
  return host;
}

Json DescribeHost(const Host& host) {
  static const char* const kVersions[] = {"none", "v1", "hybrid", "v2"};
  const CgroupDriver& cgroups = *host.cgroups;
  Json reasons = Json::object();
  for (const char* name :
       {"", "memory", "swap", "cpu", "cpuset", "pids", "io", "io-weight", "devices", "freeze", "pressure", "kill", "oom"}) {
    const auto& reason = cgroups.reason(name);
    if (!reason.empty()) reasons[name] = reason;
  }
  Json description{
      {"rootless", host.options.rootless},
      {"idMap", host.options.id_map},
      {"mappedIds", host.options.mapped_ids},
      {"userns", host.user_namespaces},
      {"snapshotter", host.overlay ? "overlay" : "copy"},
      {"userxattr", host.userxattr},
      {"diskQuotas", host.disk_quotas},
      {"kernel", host.kernel},
      {"cgroup",
       {{"version", kVersions[static_cast<int>(cgroups.version())]}, {"controllers", cgroups.controllers()}, {"reasons", reasons}}}};
  if (!host.no_user_namespaces_reason.empty()) description["usernsReason"] = host.no_user_namespaces_reason;
  return description;
}

}  // namespace tsc
