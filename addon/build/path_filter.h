// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "build/glob.h"

namespace tsc {

// What an ignore file or `--exclude` leaves out: patterns in order, of which the last that matches decides, `!` taking back. What matches a
// directory matches all that is in it.
class PathFilter {
 public:
  // Which patterns match a path or one above it, and what that means.
  struct State {
    std::vector<bool> matched;
    bool excluded = false;
  };

  // Slashes at the ends and "." parts mean nothing. EINVAL of the step "read pattern".
  static Result<PathFilter> Parse(const std::vector<std::string>& patterns);

  State Root() const { return {std::vector<bool>(rules_.size()), false}; }
  // Of a path whose parent's state is known.
  State Of(const State& parent, const std::string& path) const;
  // The state of any path.
  State Of(const std::string& path) const;
  // Whether something below an excluded directory may be taken back.
  bool MayTakeBackBelow(const std::string& directory) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    Glob glob;
    bool takes_back = false;
  };

  std::vector<Rule> rules_;
};

}  // namespace tsc
