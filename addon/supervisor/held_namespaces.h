// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Without root the networks of a run directory are in a network namespace below a user namespace, which live as long as a process holds
// them: the supervisor, and each monitor of a detached container that is on one. v1/holders/<pid> is a symbolic link to when that process
// started and which of its descriptors the network namespace is, "<start>-<descriptor>": whoever comes later finds both there.

// That this process holds it, for as long as this lives.
class Holding {
 public:
  static Result<Holding> Say(int run_dir, int network_namespace);
  Holding(Holding&& other) noexcept : run_dir_(other.run_dir_), name_(std::move(other.name_)) { other.name_.clear(); }
  Holding& operator=(Holding&& other) noexcept;
  ~Holding();

 private:
  Holding(int run_dir, std::string name) : run_dir_(run_dir), name_(std::move(name)) {}
  int run_dir_;
  std::string name_;
};

// By which one process at a time looks for them, and makes what is not there. EAGAIN: somebody else takes longer than is sane.
Result<UniqueFd> LockNamespaces(int run_dir);

// Of another process that lives; invalid where there is none. Below the user namespace that this process is in. Fails where it cannot be
// told for the moment: who then made another one would take the networks of all who live in this one for left.
Result<UniqueFd> FindHeldNetworkNamespace(int run_dir);
// For who is still outside of it, as the user that it belongs to.
Result<UniqueFd> FindHeldUserNamespace(int run_dir);

// Takes away what processes that have died said.
void SweepHolders(int run_dir);

}  // namespace tsc
