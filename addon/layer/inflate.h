// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "layer/byte_source.h"

namespace tsc {

enum class Compression { kPlain, kGzip, kZstd, kBzip2, kXz };

// "plain", "gzip", "zstd", "bzip2", "xz".
const char* CompressionName(Compression compression);

// What may be read: layers of images are compressed by gzip or zstd; archives that people make, by bzip2 and xz too.
enum class Formats { kLayer, kArchive };

// The plain bytes of a source. gzip may have several members and zero padding at its end, zstd several frames and skippable ones, bzip2 and
// xz several streams; anything else behind them, a truncated stream, and more than the allowed output are errors of the step "decompress".
class Decompressor : public ByteSource {
 public:
  explicit Decompressor(Compression compression) : compression_(compression) {}
  Compression compression() const { return compression_; }

 private:
  Compression compression_;
};

// Chooses by the first bytes, whatever the media type said; EOPNOTSUPP for a format that is none of those. `input` outlives the result.
Result<std::unique_ptr<Decompressor>> OpenDecompressor(ByteSource& input, std::uint64_t max_output, Formats formats = Formats::kLayer);

}  // namespace tsc
