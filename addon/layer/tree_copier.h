// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "layer/copy_data.h"
#include "layer/copy_tree.h"

namespace tsc {

// The walk behind CopyTree. Directories wait in a list and are opened by their path below source and target, so that depth costs no
// descriptors; what a directory is like is set when everything below it is done.
class TreeCopier {
 public:
  explicit TreeCopier(const CopyTreeOptions& options) : options_(options) {}

  Status Run();
  const CopyTreeResult& result() const { return result_; }

 private:
  // Of an entry: the directories it is in, its name there and its path below both roots.
  struct Place {
    int source, target;
    const std::string& leaf;
    const std::string& path;
  };
  struct Step {
    std::string path;
    bool opaque = false;
    std::optional<FileMetadata> leave = {};  // set: everything below is done
  };

  Status CopyChildren(const Step& step);
  Status Clear(int target, const Step& step, const std::vector<std::string>& names);
  Status CopyEntry(const Place& place);
  Status MergeDirectory(const Place& place);
  Status CopyFile(const Place& place, const struct stat& info);
  Status CopySymlink(const Place& place, const struct stat& info);
  Status CopyNode(const Place& place, const struct stat& info);
  Status FinishUnopened(const Place& place, const struct stat& info);
  Result<bool> LinkKnown(const Place& place, const struct stat& info);
  Result<FileMetadata> Describe(int fd, const struct stat& info, const IdShift& shift, bool* opaque) const;
  template <class Make>
  Result<int> MakeNew(const Place& place, Make make);

  const CopyTreeOptions& options_;
  CopyTreeResult result_;
  DataCopier data_;
  std::vector<Step> todo_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // of this layer: where the file is in the target
};

}  // namespace tsc
