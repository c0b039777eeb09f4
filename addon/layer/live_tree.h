// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/result.h"
#include "layer/entry_metadata.h"
#include "layer/entry_tree.h"

namespace tsc {

struct LiveTreeOptions {
  int root = -1;                    // what "/" is: absolute links and ".." stay below it
  std::string base;                 // where the tree begins, below that; made where it is missing
  std::optional<Owner> owner = {};  // of directories that nobody describes; else whoever runs this
};

// A tree that others use while it is written into. Every name is resolved from the root by the kernel (openat2, RESOLVE_IN_ROOT), through
// links as the others would, and what is opened is held. Directories that are there stay as they are, and nothing takes the place of one.
class LiveTree : public EntryTree {
 public:
  explicit LiveTree(LiveTreeOptions options) : options_(std::move(options)) {}

  Result<TreeDirRef> OpenDir(const std::string& clean, Missing missing) override;
  Result<TreeDirRef> MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) override;
  Status Remove(const TreeDir& parent, const std::string& leaf) override;
  Status MarkOpaque(const TreeDir&) override { return {}; }  // there is no layer below
  Status Defer(const TreeDir& dir, LateMetadata late) override;

  // Applies what was deferred, to those directories that are still where they were.
  Status Finish();

 private:
  struct Late {
    LateMetadata metadata;
    dev_t device = 0;
    ino_t inode = 0;
  };

  std::string Full(const std::string& path) const { return options_.base + "/" + path; }
  Result<TreeDirRef> Open(const std::string& path, bool kept) const;
  Result<TreeDirRef> Create(const std::string& path);

  LiveTreeOptions options_;
  std::map<std::string, TreeDirRef> cache_;
  std::map<std::string, Late> late_;
  bool made_base_ = false;
};

}  // namespace tsc
