// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "layer/sha256.h"

namespace tsc {

// Where a stream is pushed. `Finish` once, after the last byte.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status Write(std::string_view data) = 0;
  virtual Status Finish() = 0;
};

// Collects, hashes and writes to a descriptor, which stays the caller's; -1: only hashes.
class FdSink : public ByteSink {
 public:
  explicit FdSink(int fd, bool hashed = true);
  Status Write(std::string_view data) override;
  Status Finish() override;

  std::uint64_t size() const { return size_; }
  std::string Digest() const { return hash_.Digest(); }  // valid after Finish

 private:
  int fd_;
  bool hashed_;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::uint64_t size_ = 0;
  Sha256 hash_;
};

// Counts what passes on to another sink, and hashes it.
class HashSink : public ByteSink {
 public:
  explicit HashSink(ByteSink& next, bool hashed = true) : next_(next), hashed_(hashed) {}
  Status Write(std::string_view data) override {
    if (hashed_) hash_.Update(data);
    size_ += data.size();
    return next_.Write(data);
  }
  Status Finish() override { return next_.Finish(); }

  std::uint64_t size() const { return size_; }
  std::string Digest() const { return hash_.Digest(); }

 private:
  ByteSink& next_;
  bool hashed_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

// gzip at level 6 without a time stamp, so that equal trees give equal blobs.
std::unique_ptr<ByteSink> MakeGzipSink(ByteSink& next);

}  // namespace tsc
