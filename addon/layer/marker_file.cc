// SPDX-License-Identifier: Apache-2.0
#include "layer/marker_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "core/unique_fd.h"
#include "layer/entry_name.h"

namespace tsc {

Status WriteMarkerFile(int dir, const std::string& name) {
  const UniqueFd file(::openat(dir, name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return Errno("unpack layer", PrintableName(name));
  return {};
}

bool LiesOnOverlay(int fd) {
  struct statfs info {};
  return ::fstatfs(fd, &info) == 0 && info.f_type == OVERLAYFS_SUPER_MAGIC;
}

}  // namespace tsc
