// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/result.h"

namespace tsc {

// What `--chmod` says: "755", or as chmod(1) has it, "u=rwX,go-w". Who is not named means everybody: there is no umask here.
class ModeChange {
 public:
  // EINVAL of the step "read mode".
  static Result<ModeChange> Parse(const std::string& text);

  mode_t Apply(mode_t mode, bool directory) const;
  // What directories get that are made on the way, as BuildKit makes them: the usual, or of a mode in digits what a umask of 022 leaves of
  // it.
  mode_t ForMade() const { return absolute_ ? value_ & 0755 : 0755; }

 private:
  struct Clause {
    mode_t who = 0;  // permission bits of those it is about
    char operation = '=';
    mode_t bits = 0;          // for everybody, of which `who` takes its own
    bool executable = false;  // `X`
    char copy_from = 0;       // 'u', 'g', 'o'
  };

  static bool ParseClause(const std::string& text, ModeChange& change);

  bool absolute_ = false;
  mode_t value_ = 0;
  std::vector<Clause> clauses_;
};

}  // namespace tsc
