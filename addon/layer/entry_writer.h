// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "layer/entry_metadata.h"
#include "layer/entry_tree.h"
#include "layer/tar_entry.h"
#include "layer/tar_reader.h"

namespace tsc {

struct EntryWriterOptions {
  OwnerPolicy owners;
  bool devices = true;
  bool markers = true;  // names of OCI whiteouts mean what they say in a layer; else they are names like any other
};

// Writes the entries of an archive into a tree; a layer's whiteouts in overlay form.
class EntryWriter {
 public:
  EntryWriter(EntryTree& tree, EntryWriterOptions options) : tree_(tree), options_(options), own_(OwnOwner()) {}

  // `reader` stands at `entry`; its data is read where it has any.
  Status Write(TarEntry& entry, TarReader& reader);

  std::uint64_t skipped_devices() const { return skipped_devices_; }
  std::uint64_t dropped_xattrs() const { return dropped_xattrs_; }

 private:
  struct Place {
    TreeDirRef dir;
    std::string leaf;
  };

  Status WriteNamed(const std::string& clean, TarEntry& entry, TarReader& reader);
  Status WriteRoot(TarEntry& entry);
  Status WriteRemoved(const std::string& hidden);
  Status WriteDirectory(const Place& place, TarEntry& entry);
  Status FinishDirectory(const TreeDir& dir, TarEntry& entry);
  Status WriteFile(const Place& place, const TarEntry& entry, TarReader& reader);
  Status FinishFile(int fd, const TarEntry& entry);
  Status WriteSymlink(const Place& place, const TarEntry& entry);
  Status WriteHardLink(const Place& place, const TarEntry& entry);
  Status WriteNode(const Place& place, const TarEntry& entry);
  Status FinishUnopened(const Place& place, const TarEntry& entry);
  Result<Place> PlaceOf(const std::string& clean, Missing missing);
  template <class Make>
  Result<int> MakeNew(const Place& place, Make make);

  EntryTree& tree_;
  EntryWriterOptions options_;
  Owner own_;
  std::uint64_t skipped_devices_ = 0;
  std::uint64_t dropped_xattrs_ = 0;
};

}  // namespace tsc
