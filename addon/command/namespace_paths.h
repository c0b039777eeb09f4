// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/spec.h"

namespace tsc {

struct OpenedNamespace {
  UniqueFd fd;
  int kind = 0;  // CLONE_NEW…
};

// The namespaces that the specification names by path, the user namespace first: it gives the right to enter the others. EINVAL: the path
// leads to a namespace of another kind.
Result<std::vector<OpenedNamespace>> OpenNamespaces(const Spec& spec);

// The kinds in which a process differs from this one.
int ForeignNamespaces(pid_t pid);

}  // namespace tsc
