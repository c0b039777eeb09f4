// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>

#include "core/result.h"
#include "layer/entry_metadata.h"

namespace tsc {

// Owners of a copy: id n becomes base + n, for `count` ids. Owners in ACLs and the root of file capabilities go along.
struct IdShift {
  std::uint64_t base = 0;
  std::uint64_t count = 4294967295;
};

// Everything about a file but its name and content.
struct FileMetadata {
  Owner owner;
  mode_t mode = 0;
  timespec mtime{};
  Xattrs xattrs;
};

// EINVAL with "unmapped" in the object where the shift has no such id.
Result<Owner> ShiftOwner(const struct stat& info, const IdShift& shift);

// The attributes as they have to be set for shifted owners.
void ShiftXattrs(Xattrs& xattrs, const IdShift& shift);

// `fd` is not O_PATH. What the file system cannot hold is left out and counted.
Status ApplyMetadata(int fd, const FileMetadata& metadata, std::uint64_t& dropped);

// Removes the attributes that a layer may have set, so that new children inherit none.
Status ClearXattrs(int fd, const Xattrs& xattrs);

}  // namespace tsc
