// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tsc {

// A pattern of a Dockerfile or an ignore file: `*` and `?` match no slash, `[a-z]` and `[^a-z]` one character, `\` takes the next one as it
// is, and `**` any number of directories. Bytes, not characters. Time is bounded by pattern times path, whatever the pattern.
class Glob {
 public:
  // EINVAL of the step "read pattern" for a class or an escape that does not end.
  static Result<Glob> Parse(std::string_view pattern);

  bool Matches(std::string_view path) const;
  // Whether something below this directory may match.
  bool MayMatchBelow(std::string_view directory) const;
  // Nothing in it is a wildcard; then this is what it matches.
  bool is_literal() const { return tokens_.size() == prefix_.size(); }
  const std::string& literal() const { return prefix_; }

 private:
  enum class Kind : char { kLiteral, kOne, kClass, kStar, kDirectories };
  struct Token {
    Kind kind = Kind::kLiteral;
    char literal = 0;
    std::bitset<256> set = {};
  };
  // The states after reading: a place in the pattern, and for `**` also being inside of it.
  struct States {
    std::vector<bool> at, inside;
  };

  void Enter(States& states, std::size_t at) const;
  States Step(const States& states, char byte) const;
  States Read(std::string_view path) const;

  std::vector<Token> tokens_;
  std::string prefix_, suffix_;  // literal beginning and end
};

}  // namespace tsc
