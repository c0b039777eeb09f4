// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.h"

namespace tsc {

// A stream that is pulled. `Next` gives the next bytes, empty at the end; they stay valid until the next call.
// Whoever pulls decides the speed: stages are chained without copies, and a stage on another thread would be one more source.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<std::string_view> Next() = 0;
};

// A source held in memory.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string_view data, std::size_t chunk = std::string_view::npos) : data_(data), chunk_(chunk) {}
  Result<std::string_view> Next() override {
    const auto part = data_.substr(0, chunk_);
    data_.remove_prefix(part.size());
    return part;
  }

 private:
  std::string_view data_;
  std::size_t chunk_;
};

}  // namespace tsc
