// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stored_root.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "core/paths.h"
#include "files/file_root.h"
#include "supervisor/copied_root.h"
#include "supervisor/root_request.h"

namespace tsc {
namespace {

Result<UniqueFd> MountIt(const Host& host, const StoredRoot& root) {
  if (!host.overlay) return MountCopiedRoot(host, {root.id, root.layers, {}, root.user_namespace, root.durable});
  const std::string name = "containers/" + root.id;
  const UniqueFd dir(::openat(host.root_dir.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open container directory", root.id);
  // What a volatile mount left says "do not mount me again": it ended in good order.
  if (!root.durable) TSC_TRY(RemoveTree(dir.get(), "work/work/incompat"));
  return MountContainerOverlay(host, {root.layers, root.user_namespace}, host.options.root + "/" + name, !root.durable);
}

}  // namespace

Status HoldStoredRoot(const Host& host, const StoredRoot& root) {
  if (::unshare(CLONE_NEWNS) != 0) return Errno("unshare", "mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Errno("make mounts private", "/");
  const auto mount = TSC_TRY(MountIt(host, root));
  const bool mapped = root.user_namespace && host.idmap_namespace;
  return HoldFileRoot(mount.get(), host.staging.c_str(), mapped ? host.idmap_namespace.get() : -1);
}

}  // namespace tsc
