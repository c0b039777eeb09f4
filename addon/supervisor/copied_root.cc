// SPDX-License-Identifier: Apache-2.0
#include "supervisor/copied_root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "layer/confine.h"
#include "layer/copy_tree.h"
#include "layer/deep_tree.h"
#include "runtime/id_map.h"
#include "runtime/mount_kit.h"
#include "supervisor/root_metadata.h"

namespace tsc {
namespace {

constexpr const char kUnfinished[] = "merged.new";
constexpr std::size_t kMaxRecord = 16 << 20;

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open directory", path);
  return fd;
}

// The owners on disk are the container's own; else the mount shows them so.
bool ChangesOwners(const Host& host, const CopiedRoot& root) { return root.shifted && host.idmap_namespace && !host.idmap_containers; }

// What the layer's record says of directories that are not of its own making. Without one they bring their metadata, as under overlay.
std::set<std::string> ImpliedDirectories(int store, const std::string& layer) {
  std::set<std::string> implied;
  const auto text = ReadFileAt(store, ("layers/" + layer + "/layer.json").c_str(), kMaxRecord);
  if (!text.ok()) return implied;
  for (auto& path : StringsMember(Json::parse(*text, nullptr, false), "impliedParents")) implied.insert(std::move(path));
  return implied;
}

Status CopyLayers(const Host& host, const CopiedRoot& root, int store, int target) {
  CopyTreeOptions options;
  options.target = target;
  options.devices = !host.options.rootless;
  if (ChangesOwners(host, root)) options.shift = {host.container_root(), host.options.mapped_ids};
  // As under overlay: what the container mounts upon is there already, and no start changes the root's time by making it.
  auto layers = root.layers;
  layers.insert(layers.begin(), ".mount-points");
  for (const auto& layer : layers) {
    const auto source = TSC_TRY(OpenDirectory(store, "layers/" + layer + "/fs"));
    options.source = source.get();
    options.implied = ImpliedDirectories(store, layer);
    TSC_TRY(CopyTree(options));
  }
  return root.root_layer.empty() ? Status{} : CopyRootMetadata(store, root.root_layer, target, options.shift);
}

}  // namespace

bool LacksCopiedRoot(const Host& host, const std::string& id) {
  const int root = host.root_dir.get();
  const std::string base = "containers/" + id;
  // A container that was made with an overlay has an upper directory, and what it wrote is there.
  return ::faccessat(root, (base + "/upper").c_str(), F_OK, 0) != 0 && ::faccessat(root, (base + "/merged").c_str(), F_OK, 0) != 0;
}

Result<Json> MakeCopiedRoot(const Host& host, const CopiedRoot& root) {
  const UniqueFd store(::open(host.options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!store) return Errno("open directory", host.options.root);
  TSC_TRY(ConfineWorker(store.get(), true));
  const auto dir = TSC_TRY(OpenDirectory(store.get(), "containers/" + root.id));
  TSC_TRY(RemoveDeepTree(dir.get(), kUnfinished));
  if (::mkdirat(dir.get(), kUnfinished, 0755) != 0) return Errno("mkdir", kUnfinished);
  const auto target = TSC_TRY(OpenDirectory(dir.get(), kUnfinished));
  const uid_t owner = ChangesOwners(host, root) ? host.container_root() : 0;
  if (owner != 0 && ::fchown(target.get(), owner, owner) != 0) return Errno("chown", kUnfinished);
  TSC_TRY(CopyLayers(host, root, store.get(), target.get()));
  if (root.durable && ::syncfs(target.get()) != 0) return Errno("sync", kUnfinished);
  if (::renameat(dir.get(), kUnfinished, dir.get(), "merged") != 0) return Errno("rename", kUnfinished);
  return Json::object();
}

Result<UniqueFd> MountCopiedRoot(const Host& host, const CopiedRoot& root) {
  auto tree = TSC_TRY(CloneMount(AT_FDCWD, host.options.root + "/containers/" + root.id + "/merged", false));
  // What the store's own mount forbids its files is not meant for the container. Where it is locked (rootless) it stays, and a program
  // that cannot be executed will say so.
  const sys::MountAttr plain{0, sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrNoexec, 0, 0};
  (void)sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, plain);
  const sys::MountAttr isolated{0, 0, MS_PRIVATE, 0};
  if (sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, isolated) != 0) return Errno("set propagation", "/");
  if (root.shifted && host.idmap_containers) TSC_TRY(IdmapMount(tree.get(), host.idmap_namespace.get(), "/"));
  return tree;
}

bool CanIdmap(const Host& host, const std::string& directory) {
  if (!host.idmap_namespace) return false;
  const auto tree = CloneMount(AT_FDCWD, host.options.root + "/" + directory, false);
  return tree.ok() && IdmapMount(tree->get(), host.idmap_namespace.get(), directory).ok();
}

}  // namespace tsc
