// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

// The few things that all mounts are made of: a detached mount, and its place.
namespace tsc {

using MountData = std::vector<std::pair<std::string, std::string>>;

// A new file system as a detached mount (fsopen, fsconfig, fsmount). An option without value is set as a flag.
Result<UniqueFd> NewFileSystem(const char* type, const MountData& data, std::uint64_t attributes);

// A detached copy of what is mounted at `path` below `dir`; an empty path means `dir` itself.
Result<UniqueFd> CloneMount(int dir, const std::string& path, bool recursive);

// Puts a detached mount onto the directory or file that `target` holds.
Status Attach(int mount, int target, const std::string& name);

// Where a mount goes: resolved below the root, created where missing. `kernel_tree` refuses symbolic links on the way, since
// what the kernel shows there is later written to and masked (CVE-2019-19921, CVE-2023-27561).
enum class TargetKind { kDirectory, kFile };
Result<UniqueFd> MountTarget(int root, const std::string& path, TargetKind kind, bool kernel_tree);

}  // namespace tsc
