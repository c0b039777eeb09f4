// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_copy_up.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "core/syscalls.h"
#include "layer/copy_tree.h"

namespace tsc {
namespace {

Status CopyOwnerAndMode(int source, int target, const Mount& mount) {
  struct stat info {};
  if (::fstat(source, &info) != 0) return Errno("stat", mount.destination);
  const auto has = [&](const char* key) {
    return std::any_of(mount.data.begin(), mount.data.end(), [&](const auto& entry) { return entry.first == key; });
  };
  if (!has("uid") && !has("gid") && ::fchownat(target, "", info.st_uid, info.st_gid, AT_EMPTY_PATH) != 0)
    return Errno("chown", mount.destination);
  if (!has("mode") && ::fchmodat(target, ".", info.st_mode & 07777, 0) != 0) return Errno("chmod", mount.destination);
  return {};
}

}  // namespace

Result<UniqueFd> ChildCopyUp(const Mount& mount, int root, Ahead* ahead) {
  if (mount.type != "tmpfs") return Fail("mount option", EINVAL, "tmpcopyup");
  auto made = TSC_TRY(ahead->FileSystem({mount.type, mount.data}, mount.attr_set & ~sys::kAttrRdonly));
  const auto source = OpenInRoot(root, mount.destination, O_RDONLY | O_DIRECTORY);
  if (!source.ok() && source.failure().error != ENOENT) return source.failure();
  if (source.ok()) {
    CopyTreeOptions options;
    options.source = source->get();
    options.target = made.get();
    TSC_TRY(CopyTree(options));
    TSC_TRY(CopyOwnerAndMode(source->get(), made.get(), mount));
  }
  const sys::MountAttr attr{mount.attr_set & sys::kAttrRdonly, 0, 0, 0};
  if (sys::mount_setattr(made.get(), "", AT_EMPTY_PATH, attr) != 0) return Errno("set mount options", mount.destination);
  return made;
}

}  // namespace tsc
