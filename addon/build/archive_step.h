// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "build/layer_builder.h"

namespace tsc {

struct ArchiveOptions {
  int input = -1;           // a regular file
  std::string destination;  // a directory, made where it is missing
  FileMetadata made;        // what directories are like that the archive does not describe
  bool devices = true;
  bool single_id = false;
  std::optional<std::int64_t> max_mtime = {};
};

struct UnpackedArchive {
  std::uint64_t skipped_devices = 0, dropped_xattrs = 0;
};

// Whether the file is a tar, compressed or not: decided by its content. One that is compressed in a way that cannot be read here counts as
// well.
Result<bool> IsArchive(int file);

// Unpacks it, names and links resolved in what the layer and those below it show. A directory over a directory brings what it is like,
// other things are replaced. Steps of the tar reader, "decompress" with EOPNOTSUPP for xz and bzip2, "unpack layer", "write layer".
Result<UnpackedArchive> UnpackIntoLayer(const ArchiveOptions& options, LayerBuilder& layer);

}  // namespace tsc
