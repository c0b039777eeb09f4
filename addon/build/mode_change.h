// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
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
  // The permissions that it gives whatever was there before; nothing where it only changes some.
  std::optional<mode_t> absolute() const { return absolute_ ? std::optional<mode_t>(value_ & 0777) : std::nullopt; }

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
