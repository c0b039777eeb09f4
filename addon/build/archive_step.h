// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "build/layer_builder.h"

namespace tsc {

struct ArchiveOptions {
  int input = -1;                   // a regular file
  std::string destination;          // a directory of the layer, without links on the way to it
  FileMetadata made;                // what directories are like that the archive does not describe
  std::optional<Owner> owner = {};  // of all that it describes, in place of what it says
  bool devices = true;
  bool single_id = false;
  std::optional<std::int64_t> max_mtime = {};
};

struct UnpackedArchive {
  std::uint64_t skipped_devices = 0, dropped_xattrs = 0;
};

// Whether the file is a tar, compressed or not: decided by its content.
Result<bool> IsArchive(int file);

// Unpacks it; the destination is the root that nothing in it leads out of, whatever the layer and those below it show there. A directory
// over a directory brings what it is like, other things are replaced. Steps of the tar reader, "decompress", "unpack layer", "write layer".
Result<UnpackedArchive> UnpackIntoLayer(const ArchiveOptions& options, LayerBuilder& layer);

}  // namespace tsc
