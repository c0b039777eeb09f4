// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "build/path_filter.h"
#include "build/stack_path.h"

namespace tsc {

// What COPY and ADD name in a context, a stage or an image.
struct SourceSelection {
  std::vector<std::string> sources;  // paths, with wildcards in any part; `**` is any number of directories
  std::vector<std::string> ignore;   // of the whole tree
  std::vector<std::string> exclude;  // below each directory that is named; with `parents`, of the paths that are kept
  bool parents = false;              // what is copied keeps its path, from `/./` on where a source has that
};

// One that is found: a directory means what is in it.
struct FoundSource {
  std::size_t number = 0;  // of the selection's
  std::string name;        // its last part
  bool directory = false;
};

struct SourceItem {
  std::string name;  // below where it is copied to
  int dir = -1;      // the directory that it is in
  std::string leaf;
  struct stat info {};
  const LayerStack::Directory* directory = nullptr;  // of a directory
};

// What is done with them. Directories come before what is in them, names are sorted; sockets are left out.
class SourceVisitor {
 public:
  virtual ~SourceVisitor() = default;
  virtual Status Begin(const FoundSource& source) = 0;
  virtual Status Take(const SourceItem& item) = 0;
};

// Links that a source's own path leads over are followed inside the stack, others are items. A source without wildcards that is not there,
// or is left out, is ENOENT of the step "find source". Memory grows with the largest directory and the depth only.
Status WalkSources(const LayerStack& stack, const SourceSelection& selection, SourceVisitor& visitor);

}  // namespace tsc
