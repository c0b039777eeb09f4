// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/seccomp.h"

namespace tsc {

// Compiled filters by the digest of their profile: in memory, and below <root>/cache for the next supervisor. Compiling the default
// profile takes some 10 ms, reading it back 0.1.
class SeccompCache {
 public:
  explicit SeccompCache(int root) : root_(root) {}

  Result<std::string> Add(const Json& profile);
  // ENOENT: Add it first.
  Result<std::shared_ptr<const SeccompProgram>> Find(const std::string& key);

 private:
  Result<SeccompProgram> Load(const std::string& key) const;
  void Save(const std::string& key, const SeccompProgram& program) const;

  int root_;
  std::map<std::string, std::shared_ptr<const SeccompProgram>> programs_;
};

}  // namespace tsc
