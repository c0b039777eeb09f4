// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc::binding {

// A copy of the executable that nobody can change any more, a container that finds it at /proc/<pid>/exe least of all (CVE-2019-5736).
Result<UniqueFd> SealedCopy(const std::string& path);

// The file itself, for kernels that refuse to execute a memfd (vm.memfd_noexec): a regular file that only its owner, the caller or root,
// can write.
Result<UniqueFd> VerifiedFile(const std::string& path);

}  // namespace tsc::binding
