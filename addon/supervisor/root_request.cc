// SPDX-License-Identifier: Apache-2.0
#include "supervisor/root_request.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/rootfs.h"
#include "supervisor/root_metadata.h"

namespace tsc {
namespace {

Status MakeOwned(int dir, const char* name, mode_t mode, uid_t owner) {
  if (::mkdirat(dir, name, mode) != 0) return errno == EEXIST ? Status{} : Status(Errno("mkdir", name));
  if (owner != 0 && ::fchownat(dir, name, owner, owner, AT_SYMLINK_NOFOLLOW) != 0) return Errno("chown", name);
  return {};
}

}  // namespace

void BesideMountPoints(const char* name, std::string* directory) { directory->replace(directory->rfind('/'), std::string::npos, name); }

std::vector<std::string> LayerDirectories(const Host& host, const RootRequest& request) {
  const std::string store = request.user_namespace ? host.layers : host.options.root + "/layers";
  std::vector<std::string> directories{store + Host::kMountPoints};
  if (!request.hostname) BesideMountPoints(kFewMountPoints, &directories.front());
  for (const auto& layer : request.layers) directories.push_back(store + "/" + layer + "/fs");
  return directories;
}

Status MakeOverlayDirectories(const Host& host, int directory, const RootRequest& request) {
  const uid_t root = request.user_namespace ? host.container_root() : 0;
  TSC_TRY(MakeOwned(directory, "upper", 0755, root));
  TSC_TRY(MakeOwned(directory, "work", 0700, 0));
  if (request.root_layer.empty()) return {};
  const UniqueFd upper(::openat(directory, "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!upper) return Errno("open", "upper");
  return CopyRootMetadata(host.root_dir.get(), request.root_layer, upper.get(),
                          root == 0 ? IdShift{} : IdShift{root, host.options.mapped_ids});
}

Result<UniqueFd> MountContainerOverlay(const Host& host, const RootRequest& request, const std::string& base, bool is_volatile) {
  return MountOverlay({LayerDirectories(host, request), base + "/upper", base + "/work", host.userxattr, is_volatile, host.staging});
}

}  // namespace tsc
