// SPDX-License-Identifier: Apache-2.0
#include "supervisor/image_mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/root_request.h"

namespace tsc {
namespace {

// A path of strangers is resolved where the image is mounted alone; before Linux 6.15 nothing can be cloned of a mount that is nowhere.
Result<UniqueFd> PartOf(const Host& host, const UniqueFd& image, const std::string& subpath) {
  const UniqueFd place(::open(host.staging.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", host.staging);
  TSC_TRY(Attach(image.get(), place.get(), host.staging));
  auto part = OpenInRoot(image.get(), subpath, O_PATH);
  auto clone = part.ok() ? CloneMount(part->get(), "", false) : std::move(part);
  ::umount2(host.staging.c_str(), MNT_DETACH);
  if (!clone.ok()) return Fail("open subpath", clone.failure().error, subpath);
  return clone;
}

// upper and work of the mount of that number.
Result<std::string> MakeUpper(const Host& host, const ImageMounts& mounts, const RootRequest& root, std::size_t number) {
  const std::string path = "containers/" + mounts.container + "/mount-" + std::to_string(number);
  if (::mkdirat(host.root_dir.get(), path.c_str(), 0700) != 0 && errno != EEXIST) return Errno("mount image", path);
  const UniqueFd dir(::openat(host.root_dir.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("mount image", path);
  TSC_TRY(MakeOverlayDirectories(host, dir.get(), root));
  return host.options.root + "/" + path;
}

Result<UniqueFd> MountImage(const Host& host, const ImageMounts& mounts, const Mount& mount, std::size_t number) {
  if (!host.overlay) return Fail("mount image", ENOTSUP, mount.destination);
  const auto layers = mounts.images.find(mount.source);
  if (layers == mounts.images.end()) return Fail("mount image", ENOENT, mount.source);
  const bool readonly = (mount.attr_set & sys::kAttrRdonly) != 0;
  const RootRequest root{layers->second, mounts.user_namespace, true};
  auto directories = LayerDirectories(host, root);
  // An overlay that is only read has two layers at least; but what containers are mounted upon does not belong to this one.
  BesideMountPoints(Host::kNothing, &directories.front());
  const auto base = readonly ? std::string() : TSC_TRY(MakeUpper(host, mounts, root, number));
  OverlayPlan overlay{std::move(directories), "", "", host.userxattr, false, host.staging};
  if (!readonly) {
    overlay.upper = base + "/upper";
    overlay.work = base + "/work";
    overlay.is_volatile = true;
  }
  auto image = TSC_TRY(MountOverlay(overlay));
  if (!mount.subpath.empty()) image = TSC_TRY(PartOf(host, image, mount.subpath));
  const sys::MountAttr attr{mount.attr_set, 0, MS_PRIVATE, 0};
  if (sys::mount_setattr(image.get(), "", AT_EMPTY_PATH, attr) != 0) return Errno("mount image", mount.destination);
  return image;
}

}  // namespace

Status PrepareImageMounts(const Host& host, const ImageMounts& mounts, ContainerPlan* plan) {
  plan->bind_sources.resize(plan->spec.mounts.size());
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    const Mount& mount = plan->spec.mounts[i];
    if (mount.type == "image") plan->bind_sources[i] = TSC_TRY(MountImage(host, mounts, mount, i));
  }
  return {};
}

}  // namespace tsc
