// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "layer/layer_stack.h"

namespace tsc {

// What became of an entry of an image. The letters are those of the worker's records.
enum class ChangeKind : char { kAdded = 'A', kChanged = 'C', kDeleted = 'D' };

struct TreeChange {
  std::string path;
  ChangeKind kind = ChangeKind::kAdded;
};

struct TreeChangesOptions {
  int tree = -1;         // what a container wrote: the upper directory of an overlay; with `whole` everything it sees
  bool whole = false;    // then what is not in `tree` was deleted, and what is like in the layers below was not changed
  bool compare = false;  // an upper directory: what was copied up and is what it was, content included, was not changed, nor a directory
                         // whose time alone was
  std::uint64_t id_base = 0;  // the owner in `tree` that is 0 in the layers
  // What was made to mount something upon: no change where the layers have nothing of that name and it is empty.
  std::set<std::string> mount_points = {};
};

// What a container changed in the layers below it, sorted by path, so that directories come before what is in them. A directory in which
// something changed is changed itself. Of a directory that was deleted only itself is told; one that was replaced tells what it no longer
// has. Whiteouts of what no layer has, and marks that a directory is opaque where nothing is below it, mean nothing. Where the tree is
// whole, files of the same size, time, mode, owner and attributes are taken for the same. EOPNOTSUPP where overlay left a redirect or
// metacopy.
Result<std::vector<TreeChange>> FindTreeChanges(const TreeChangesOptions& options, const LayerStack& layers);

}  // namespace tsc
