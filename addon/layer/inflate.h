// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "layer/byte_source.h"

namespace tsc {

enum class Compression { kPlain, kGzip, kZstd };

// "plain", "gzip", "zstd".
const char* CompressionName(Compression compression);

// The plain bytes of a source. gzip may have several members and zero padding at its end, zstd several frames and skippable ones;
// anything else behind them, a truncated stream, and more than the allowed output are errors of the step "decompress".
class Decompressor : public ByteSource {
 public:
  explicit Decompressor(Compression compression) : compression_(compression) {}
  Compression compression() const { return compression_; }

 private:
  Compression compression_;
};

// Chooses by the first bytes, whatever the media type said. `input` outlives the result.
Result<std::unique_ptr<Decompressor>> OpenDecompressor(ByteSource& input, std::uint64_t max_output);

}  // namespace tsc
