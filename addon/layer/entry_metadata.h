// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "core/result.h"
#include "layer/tar_entry.h"

namespace tsc {

struct OwnerPolicy {
  bool single_id = false;             // only the caller's own id exists: owners of the archive are ignored
  std::uint64_t max_id = 4294967295;  // ids from here on do not exist
};

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// The owner an entry gets. EINVAL with "unmapped" in the object where the policy has no such id.
Result<Owner> OwnerOf(const TarEntry& entry, const OwnerPolicy& policy);

using Xattrs = std::vector<std::pair<std::string, std::string>>;

// The attributes that may be restored: user.* without overlay's own, file capabilities and ACLs. Everything else is meant for
// the host that made the archive (labels, trusted.*) or would steer overlayfs. Returns how many were dropped.
std::uint64_t DropForeignXattrs(Xattrs& xattrs);

// ACLs that new children would inherit.
Xattrs TakeInheritedXattrs(Xattrs& xattrs);

// The owner that a new file of this process has. Asked once: nobody else changes it.
Owner OwnOwner();

// `fd` is not O_PATH. Chown before chmod and attributes, since it clears setuid bits and capabilities.
Status ApplyOwner(int fd, Owner owner, Owner current);
Status ApplyXattrs(int fd, const Xattrs& xattrs, std::uint64_t& dropped);

}  // namespace tsc
