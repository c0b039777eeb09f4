// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "layer/pack.h"
#include "layer/tar_writer.h"

namespace tsc {

// Walks a tree and gives its entries to a TarWriter. The walk behind PackLayer.
class TreePacker {
 public:
  TreePacker(const PackOptions& options, TarWriter& writer, std::function<void(std::uint64_t)> on_entry);

  Status Run();
  // Only these, each by itself.
  Status RunChanges(const std::vector<TreeChange>& changes);

  std::uint64_t entries() const { return entries_; }
  std::uint64_t skipped_sockets() const { return skipped_sockets_; }

 private:
  Status PackChildren(int dir, const std::string& path, std::size_t depth);
  Status PackEntry(int dir, const std::string& leaf, const std::string& path, std::size_t depth);
  Status PackDirectory(int dir, const std::string& leaf, const std::string& path, std::size_t depth);
  Result<bool> Enters(const UniqueFd& mount) const;
  Status AddRoot();
  bool Vanished(int error) const;
  Status PackFile(int dir, const std::string& leaf, TarEntry entry);
  Status PackSymlink(int dir, const std::string& leaf, TarEntry entry);
  Status AddMarker(const std::string& name);
  void Count();
  Status Add(const TarEntry& entry);
  Status CopySparse(int fd, const TarEntry& entry, const std::vector<SparseRun>& runs);
  Status CopyRange(int fd, const TarEntry& entry, std::uint64_t offset, std::uint64_t left);
  Status FillUp(std::uint64_t left);
  Status Describe(const struct stat& info, TarEntry& entry) const;
  bool IsKnownLink(const struct stat& info, TarEntry& entry);

  const PackOptions& options_;
  TarWriter& writer_;
  std::function<void(std::uint64_t)> on_entry_;
  std::unique_ptr<char[]> buffer_;
  bool alone_ = false;  // directories without what is in them
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  std::uint64_t entries_ = 0;
  std::uint64_t skipped_sockets_ = 0;
};

}  // namespace tsc
