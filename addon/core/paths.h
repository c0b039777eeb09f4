// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Opens `path` as if `root` were "/": absolute paths, "..", and symbolic links stay below it (openat2, RESOLVE_IN_ROOT).
Result<UniqueFd> OpenInRoot(int root, std::string_view path, int flags, mode_t mode = 0);

// Opens the directory `path` below `root`, creating what is missing with `mode`. Symbolic links are followed inside the root.
Result<UniqueFd> MkdirsInRoot(int root, std::string_view path, mode_t mode = 0755);

// Opens the parent directory of `path` below `root`, and sets `leaf` to its last component. EINVAL where there is none ("/", "..").
Result<UniqueFd> OpenParentInRoot(int root, std::string_view path, std::string* leaf, bool create = false);

Result<std::string> ReadFd(int fd, std::size_t limit, std::string_view name);
Result<std::string> ReadFileAt(int dir, const char* path, std::size_t limit = 1 << 20);

// Writes an existing file (cgroup, proc, sysfs) in one write(2).
Status WriteFileAt(int dir, const char* path, std::string_view data);
Status WriteAll(int fd, std::string_view data, std::string_view name);

// Replaces `name` by rename, so that a reader sees the old or the new content. Does not sync.
Status WriteFileAtomic(int dir, const char* name, std::string_view data, mode_t mode = 0600);

// Removes a file or a whole directory tree. Follows no link, crosses no mount. Missing is fine.
Status RemoveTree(int dir, const char* name);

}  // namespace tsc
