// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "build/stack_path.h"
#include "layer/copy_metadata.h"
#include "layer/no_umask.h"

namespace tsc {

// A directory of the layer that is being made, and what the layers below have there.
struct BuiltDir {
  UniqueFd fd;
  std::string path;
  StackDir below;  // null: nothing
};
using BuiltDirRef = std::shared_ptr<const BuiltDir>;

// A layer that is written file by file on top of others, without a mount: what it touches of theirs comes along as overlayfs would copy it
// up, so that the directory is at once what unpacking the layer would make. Sets the umask while it lives. Step "write layer".
class LayerBuilder {
 public:
  // `root` is an empty directory; `layers` are those below it, opened twice (each stack owns its descriptors).
  LayerBuilder(int root, std::vector<StackLayer> layers, std::vector<StackLayer> again);

  // What the layers below and this one show together.
  const LayerStack& seen() const { return seen_; }
  // What the layers below show.
  const LayerStack& below() const { return below_; }

  // A directory by any path, links followed inside; what is missing is made like `made`.
  Result<BuiltDirRef> OpenPath(const std::string& path, const FileMetadata& made);
  // The same below `root`, a directory of the layer, which nothing leads out of.
  Result<BuiltDirRef> OpenBelow(const std::string& root, const std::string& path, const FileMetadata& made);
  // The directory of that name. One that is there stays as it is; ENOTDIR for anything else. `fresh` says whether it was made.
  Result<BuiltDirRef> Enter(const BuiltDir& parent, const std::string& leaf, const FileMetadata& made, bool* fresh = nullptr);
  // Makes room for what is no directory: EISDIR where one shows.
  Status MakeRoom(const BuiltDir& parent, const std::string& leaf);
  // What a directory of this layer is going to be like when all is written.
  void Describe(const std::string& path, FileMetadata metadata) { late_[path] = std::move(metadata); }

  // Gives directories their modes, owners, attributes and times: nothing is written afterwards.
  Status Finish();

 private:
  Result<BuiltDirRef> Root() const;
  Result<BuiltDirRef> OpenPlace(const StackPlace& place, const std::string& path, const FileMetadata& made);
  Result<FileMetadata> MetadataBelow(const LayerStack::Directory& directory) const;

  NoUmask no_umask_;
  int root_;
  LayerStack below_, seen_;
  std::map<std::string, FileMetadata> late_;  // by path; parents first
};

}  // namespace tsc
