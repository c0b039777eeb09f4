// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

// Work on whole trees of cgroups, of either version. `dir` is a directory above, `name` the path of the topmost cgroup below it.
namespace tsc {

// Names of the cgroups right below.
Result<std::vector<std::string>> ChildCgroups(int dir, const char* name);

// Every process in `name` and below. A process that this pid namespace cannot name is left out.
Result<std::vector<pid_t>> ProcessesBelow(int dir, const std::string& name);

// Removes the cgroup and what was made inside of it (a container may do that), however deep, with a constant number of descriptors.
// EBUSY: something still runs there. Missing is fine.
Status RemoveCgroups(int dir, const std::string& name);

// One cgroup attribute of a few lines, read into memory of the caller. Returns its text, EFBIG where it does not fit.
Result<std::string_view> ReadAttribute(int dir, const std::string& path, char* buffer, std::size_t size);

}  // namespace tsc
