// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "layer/byte_source.h"
#include "layer/sha256.h"

namespace tsc {

struct RawSourceOptions {
  int input = -1;                                                   // read to its end; not owned
  int copy = -1;                                                    // receives every byte as well, where >= 0; not owned
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // more bytes than this are an error
  std::function<void(std::uint64_t)> on_read;                       // told the bytes read so far, after every read
  bool hashed = true;                                               // otherwise Digest() means nothing
};

// The bytes of a descriptor, hashed and copied to a second one on the way.
class RawSource : public ByteSource {
 public:
  explicit RawSource(RawSourceOptions options);
  Result<std::string_view> Next() override;

  std::uint64_t size() const { return size_; }
  std::string Digest() const { return hash_.Digest(); }

 private:
  RawSourceOptions options_;
  std::unique_ptr<char[]> buffer_;
  std::uint64_t size_ = 0;
  Sha256 hash_;
};

}  // namespace tsc
