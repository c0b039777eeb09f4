// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// One unpacked layer of a stack.
struct StackLayer {
  UniqueFd root;
  // Directories that it has only because something below them is there: what they are the layers below say.
  std::set<std::string> implied = {};
  // Not a layer but any directory of the host: names and devices in it hide nothing, and what is mounted in it belongs to it.
  bool plain = false;
};

// What overlayfs shows of a stack of unpacked layers, looked up without mounting anything: for workers, and where no overlay can be had.
// Names are entries of directories that are held open, so no symbolic link is followed. Step "read layers".
class LayerStack {
 public:
  // A directory as one layer has it.
  struct Level {
    UniqueFd fd;
    std::size_t layer = 0;  // counted from the lowest
  };
  // A directory as it shows: in as many layers as merge into it, topmost first. Without levels there is none of that name.
  struct Directory {
    std::string path;
    std::vector<Level> levels;
    // Below an opaque one nothing shows; but where that one is implied, what the directory is like is said there. Not part of the content.
    std::vector<Level> covered = {};
  };
  // An entry as it shows. `dir` is of the directory that was searched, and valid as long as that is.
  struct Entry {
    int dir = -1;
    struct stat info {};
  };

  // Lowest first.
  explicit LayerStack(std::vector<StackLayer> layers) : layers_(std::move(layers)) {}

  Result<Directory> Root() const;
  Result<Directory> Open(const Directory& parent, const std::string& leaf) const;
  Result<std::optional<Entry>> Find(const Directory& parent, const std::string& leaf) const;
  Result<std::set<std::string>> Names(const Directory& directory) const;

  // The level that says what mode, owner and attributes the directory has: the topmost that is not implied, covered ones too, else the
  // lowest.
  const Level& Source(const Directory& directory) const;
  const std::set<std::string>& ImpliedOf(const Level& level) const { return layers_[level.layer].implied; }
  bool IsImplied(const Directory& directory, const Level& level) const { return layers_[level.layer].implied.contains(directory.path); }

 private:
  std::vector<StackLayer> layers_;
};

// The names in a directory, without "." and "..".
Result<std::vector<std::string>> ListDirectory(int dir, const std::string& path, const char* step);

// Opens a directory below `root` by a path of real names; no link on the way is followed. `path` may be empty.
UniqueFd OpenRealDirectory(int root, const std::string& path);

inline std::string JoinPath(const std::string& parent, const std::string& leaf) { return parent.empty() ? leaf : parent + "/" + leaf; }

}  // namespace tsc
