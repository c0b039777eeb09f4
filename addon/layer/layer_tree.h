// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "layer/entry_tree.h"

namespace tsc {

struct LayerTreeOptions {
  bool user_xattr = false;  // overlay markers as user.overlay.* instead of trusted.overlay.*
};

// The directory that a layer is unpacked into. Names are resolved as if it were "/", component by component on descriptors; symbolic
// links are followed by hand inside it, so no path of a stranger ever reaches the kernel with links in it that it would follow.
class LayerTree : public EntryTree {
 public:
  LayerTree(int root, LayerTreeOptions options) : root_(root), options_(options) {}

  // The directory `clean` (from CleanEntryName). Missing ones are made 0755 and remembered as implied, as the root is from the beginning.
  Result<TreeDirRef> OpenDir(const std::string& clean, Missing missing) override;

  // Makes `leaf` in `parent` or opens the directory that is there; anything else there is replaced. Marks it as explicit.
  Result<TreeDirRef> MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) override;

  // Removes whatever `leaf` is. Missing is fine.
  Status Remove(const TreeDir& parent, const std::string& leaf) override;

  // Nothing of the directory's content in lower layers shows.
  Status MarkOpaque(const TreeDir& dir) override;

  Status Defer(const TreeDir& dir, LateMetadata late) override;

  // The layer says itself what its root directory is like.
  void MarkRootExplicit() override { implied_.erase(""); }

  // Applies what was deferred.
  Status Finish();

  const std::set<std::string>& implied() const { return implied_; }
  bool root_opaque() const { return root_opaque_; }

 private:
  struct Position {
    TreeDirRef dir;
    int links = 0;
    std::vector<std::string> todo;  // reversed: the next component is at the back
  };

  Result<TreeDirRef> Walk(const std::string& clean, Missing missing);
  Status Step(Position& at, const std::string& part, Missing missing);
  Status Follow(Position& at, const std::string& link);
  Result<TreeDirRef> OpenReal(const std::string& path) const;
  Result<TreeDirRef> OpenChild(const TreeDir& parent, const std::string& leaf) const;
  Result<TreeDirRef> CreateChild(const TreeDir& parent, const std::string& leaf, mode_t mode);
  void Forget(const std::string& path);

  int root_;
  LayerTreeOptions options_;
  std::map<std::string, TreeDirRef> cache_;  // by the name asked for
  std::set<std::string> implied_{""};
  std::map<std::string, LateMetadata> late_;
  bool root_opaque_ = false;
};

// Whether `leaf` is an overlay whiteout, a character device 0:0.
bool IsWhiteoutDevice(int dir, const char* leaf);

}  // namespace tsc
