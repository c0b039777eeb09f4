// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace tsc {

struct Flag {
  const char* name;
  const char* letter;  // "" where it has none
  bool takes_value;
};

// What was given on a command line: flags by their long name, then what follows the first word that is none.
class Options {
 public:
  bool has(const std::string& name) const;
  bool is_set(const std::string& name) const;  // of a flag without value, "--name=false" counts as not given
  std::string get(const std::string& name, const std::string& fallback = {}) const;
  const std::vector<std::string>& all(const std::string& name) const;

  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::string> rest;
};

// "--name value", "--name=value", "-n value"; one dash is as good as two. The first other word, or what is behind "--", ends the flags.
// A failure is one sentence.
Result<Options> ParseOptions(const std::vector<std::string>& words, const std::vector<Flag>& flags);

}  // namespace tsc
