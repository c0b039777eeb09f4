// SPDX-License-Identifier: Apache-2.0
#include "supervisor/root_metadata.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/unique_fd.h"
#include "layer/tree_xattrs.h"

namespace tsc {

Status CopyRootMetadata(int store, const std::string& layer, int target, const IdShift& shift) {
  const std::string path = "layers/" + layer + "/fs";
  const UniqueFd source(::openat(store, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!source) return Errno("open layer", path);
  return CopyDirectoryMetadata(source.get(), target, shift);
}

Result<FileMetadata> DescribeDirectory(int source, const IdShift& shift) {
  struct stat info {};
  if (::fstat(source, &info) != 0) return Errno("copy layer", "directory");
  const auto root = static_cast<uid_t>(shift.base);
  const auto owner = ShiftOwner(info, shift);
  FileMetadata metadata;
  metadata.owner = owner.ok() ? *owner : Owner{root, root};
  metadata.mode = info.st_mode & 07777;
  metadata.mtime = info.st_mtim;
  metadata.xattrs = TSC_TRY(ReadXattrs(source, 0)).kept;
  ShiftXattrs(metadata.xattrs, shift);
  return metadata;
}

Status CopyDirectoryMetadata(int source, int target, const IdShift& shift) {
  const auto metadata = TSC_TRY(DescribeDirectory(source, shift));
  std::uint64_t dropped = 0;
  return ApplyMetadata(target, metadata, dropped);
}

}  // namespace tsc
