// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "layer/inflate.h"
#include "layer/tar_reader.h"

namespace tsc {

struct ExtractOptions {
  int input = -1;   // an OCI layout or `docker save` archive: gzip, zstd or plain tar; read to its end
  int target = -1;  // an empty directory
  std::uint64_t max_plain_bytes = std::uint64_t{64} << 30;
  TarLimits limits{.entries = 100'000};
};

struct ExtractResult {
  std::uint64_t files = 0;
  std::uint64_t plain_size = 0;
  Compression compression = Compression::kPlain;
};

// Unpacks an archive of blobs and JSON into a directory in which no file is anything but a regular file: names without "..", owned by
// the caller, 0644 and 0755, no attributes. Symbolic and hard links between entries (old `docker save` wrote them) become hard links of the
// file they lead to, in any order; links that lead nowhere, out or to a directory, and every other type are errors.
// Steps "read archive", "decompress", "read tar", "extract archive" (object: the entry).
Result<ExtractResult> ExtractArchive(const ExtractOptions& options);

}  // namespace tsc
