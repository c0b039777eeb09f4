// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// This process is in another network namespace, or bears its children into another pid namespace, until the visit ends. Of these two kinds
// a process of one thread can come back with the rights it had; a helper (helper.h), which any kind needs, costs a process.
class NamespaceVisit {
 public:
  // Of what `target`, a pidfd or a descriptor of the namespace, leads to; -1: of a new one. `kind` is CLONE_NEWNET or CLONE_NEWPID.
  NamespaceVisit(int target, int kind);
  ~NamespaceVisit();
  NamespaceVisit(const NamespaceVisit&) = delete;
  NamespaceVisit& operator=(const NamespaceVisit&) = delete;

  // Whether it began; else its errno.
  int error() const { return error_; }

 private:
  int kind_;
  UniqueFd own_;
  int error_ = 0;
};

}  // namespace tsc
