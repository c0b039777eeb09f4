// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "layer/inflate.h"

// What the decompressors of inflate.h share. Not for use elsewhere.
namespace tsc::codec {

// Puts bytes that were read to find the format before the rest of the source.
class Rewound : public ByteSource {
 public:
  Rewound(ByteSource& rest, std::string_view head) : rest_(rest), head_(head) {}
  Rewound(ByteSource& rest, std::string owned) : rest_(rest), owned_(std::move(owned)), head_(owned_) {}
  Rewound(const Rewound&) = delete;
  Result<std::string_view> Next() override {
    if (head_.empty()) return rest_.Next();
    return std::exchange(head_, {});
  }

 private:
  ByteSource& rest_;
  std::string owned_;
  std::string_view head_;
};

// Counts what comes out, so that a small blob cannot fill a disk.
class Budget {
 public:
  explicit Budget(std::uint64_t limit) : left_(limit) {}
  Status Take(std::size_t bytes) {
    if (bytes > left_) return Fail("decompress", EFBIG, "more data than allowed");
    left_ -= bytes;
    return {};
  }

 private:
  std::uint64_t left_;
};

Result<std::unique_ptr<Decompressor>> OpenGzip(std::unique_ptr<ByteSource> input, std::uint64_t max_output);
Result<std::unique_ptr<Decompressor>> OpenZstd(std::unique_ptr<ByteSource> input, std::uint64_t max_output);
Result<std::unique_ptr<Decompressor>> OpenBzip2(std::unique_ptr<ByteSource> input, std::uint64_t max_output);
Result<std::unique_ptr<Decompressor>> OpenXz(std::unique_ptr<ByteSource> input, std::uint64_t max_output);

}  // namespace tsc::codec
