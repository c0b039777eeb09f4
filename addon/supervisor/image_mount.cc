// SPDX-License-Identifier: Apache-2.0
#include "supervisor/image_mount.h"

#include <fcntl.h>
#include <sys/mount.h>

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

Result<UniqueFd> MountImage(const Host& host, const std::vector<std::string>& layers, bool user_namespace, const Mount& mount) {
  if (!host.overlay) return Fail("mount image", ENOTSUP, mount.destination);
  auto directories = LayerDirectories(host, {layers, user_namespace});
  // An overlay that is only read has two layers at least; but what containers are mounted upon does not belong to this one.
  directories.front() = directories.front().substr(0, directories.front().rfind('/')) + Host::kNothing;
  auto image = TSC_TRY(MountOverlay({std::move(directories), "", "", host.userxattr, false, host.staging}));
  if (!mount.subpath.empty()) image = TSC_TRY(PartOf(host, image, mount.subpath));
  const sys::MountAttr attr{mount.attr_set | sys::kAttrRdonly, 0, MS_PRIVATE, 0};
  if (sys::mount_setattr(image.get(), "", AT_EMPTY_PATH, attr) != 0) return Errno("mount image", mount.destination);
  return image;
}

}  // namespace

Status PrepareImageMounts(const Host& host, const MountedImages& images, bool user_namespace, ContainerPlan* plan) {
  plan->bind_sources.resize(plan->spec.mounts.size());
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    const Mount& mount = plan->spec.mounts[i];
    if (mount.type != "image") continue;
    const auto image = images.find(mount.source);
    if (image == images.end()) return Fail("mount image", ENOENT, mount.source);
    plan->bind_sources[i] = TSC_TRY(MountImage(host, image->second, user_namespace, mount));
  }
  return {};
}

}  // namespace tsc
