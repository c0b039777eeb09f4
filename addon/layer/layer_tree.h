// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// A directory of the tree, held open. `path` is its real path below the root, free of links; "" is the root.
struct TreeDir {
  UniqueFd fd;
  std::string path;
};
using TreeDirRef = std::shared_ptr<const TreeDir>;

// What can be given to a directory only after everything in it has been written.
struct LateMetadata {
  timespec mtime{};
  bool has_mtime = false;
  mode_t mode = 0;  // 0: leave; set where setuid, setgid or sticky bits are involved, which new children would inherit
  std::vector<std::pair<std::string, std::string>> xattrs;  // default ACLs, which new children would inherit
};

enum class Missing { kFail, kCreate };

struct LayerTreeOptions {
  bool user_xattr = false;  // overlay markers as user.overlay.* instead of trusted.overlay.*
};

// The directory that a layer is unpacked into. Names are resolved as if it were "/", component by component on descriptors; symbolic
// links are followed by hand inside it, so no path of a stranger ever reaches the kernel with links in it that it would follow.
class LayerTree {
 public:
  LayerTree(int root, LayerTreeOptions options) : root_(root), options_(options) {}

  // The directory `clean` (from CleanEntryName). Missing ones are made 0755 and remembered as implied, as the root is from the beginning.
  Result<TreeDirRef> OpenDir(const std::string& clean, Missing missing);

  // Makes `leaf` in `parent` or opens the directory that is there; anything else there is replaced. Marks it as explicit.
  Result<TreeDirRef> MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode);

  // Removes whatever `leaf` is. Missing is fine.
  Status Remove(const TreeDir& parent, const std::string& leaf);

  // Nothing of the directory's content in lower layers shows.
  Status MarkOpaque(const TreeDir& dir);

  Status Defer(const TreeDir& dir, LateMetadata late);

  // The layer says itself what its root directory is like.
  void MarkRootExplicit() { implied_.erase(""); }

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
