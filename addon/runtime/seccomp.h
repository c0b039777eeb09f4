// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/result.h"

namespace tsc {

// A filter ready for the kernel. Compiled once for each profile and shared by all containers that use it.
struct SeccompProgram {
  std::vector<sock_filter> instructions;
  unsigned flags = 0;  // SECCOMP_FILTER_FLAG_…
};

// Compiles `linux.seccomp` of the OCI runtime specification with libseccomp, as a balanced tree over the system call numbers.
// A system call newer than those known when it was compiled answers ENOSYS, so that programs use their fallback.
Result<SeccompProgram> CompileSeccomp(const nlohmann::json& profile);

// Installs it for the calling process and all it will start. Needs no_new_privs or CAP_SYS_ADMIN.
Status LoadSeccomp(const SeccompProgram& program);

}  // namespace tsc
