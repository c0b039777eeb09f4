// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// A directory of the tree, held open. `path` is its path below the root of the tree; "" is that root.
struct TreeDir {
  UniqueFd fd;
  std::string path;
  bool kept = false;  // it was there before, and stays as it is
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

// What the entries of an archive are written into.
class EntryTree {
 public:
  virtual ~EntryTree() = default;

  // The directory `clean` (from CleanEntryName).
  virtual Result<TreeDirRef> OpenDir(const std::string& clean, Missing missing) = 0;
  // Makes `leaf` in `parent`, or opens the directory that is there.
  virtual Result<TreeDirRef> MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) = 0;
  // Makes room for something that is no directory. Missing is fine.
  virtual Status Remove(const TreeDir& parent, const std::string& leaf) = 0;
  // Nothing of the directory's content in lower layers shows.
  virtual Status MarkOpaque(const TreeDir& dir) = 0;
  virtual Status Defer(const TreeDir& dir, LateMetadata late) = 0;
  // The archive says itself what the root directory is like.
  virtual void MarkRootExplicit() {}
};

}  // namespace tsc
