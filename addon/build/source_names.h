// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "build/stack_path.h"

namespace tsc {

// A source as it was written, taken apart.
struct SourceName {
  std::vector<std::string> parts;
  std::size_t pivot = 0;  // how many parts `--parents` does not keep: those before `/./`
  bool wild = false;      // some part has a wildcard
};

SourceName ParseSourceName(const std::string& source);

// The paths in the stack that it stands for, sorted; where nothing is wild, the one that it is, there or not. Steps "read pattern", "find
// path".
Result<std::vector<std::vector<std::string>>> ExpandSource(const LayerStack& stack, const SourceName& name);

}  // namespace tsc
