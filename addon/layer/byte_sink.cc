// SPDX-License-Identifier: Apache-2.0
#include "layer/byte_sink.h"

#include <zlib.h>

#include <cstring>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 1 << 20;
constexpr int kLevel = 6;
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;

class GzipSink : public ByteSink {
 public:
  explicit GzipSink(ByteSink& next) : next_(next), output_(new char[kBuffer]) {}
  ~GzipSink() override {
    if (ready_) ::deflateEnd(&stream_);
  }

  Status Write(std::string_view data) override {
    while (!data.empty()) {
      const auto part = data.substr(0, kBuffer);
      TSC_TRY(Deflate(part, Z_NO_FLUSH));
      data.remove_prefix(part.size());
    }
    return {};
  }
  Status Finish() override {
    TSC_TRY(Deflate({}, Z_FINISH));
    return next_.Finish();
  }

 private:
  Status Deflate(std::string_view data, int flush) {
    if (!ready_) {
      if (::deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
        return Fail("compress", ENOMEM, "gzip");
      ready_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.get());
      stream_.avail_out = kBuffer;
      if (::deflate(&stream_, flush) == Z_STREAM_ERROR) return Fail("compress", EINVAL, "gzip");
      TSC_TRY(next_.Write({output_.get(), kBuffer - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return {};
  }

  ByteSink& next_;
  std::unique_ptr<char[]> output_;
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

FdSink::FdSink(int fd, bool hashed) : fd_(fd), hashed_(hashed), buffer_(new char[kBuffer]) {}

Status FdSink::Write(std::string_view data) {
  if (hashed_) hash_.Update(data);
  size_ += data.size();
  if (fd_ < 0) return {};
  if (used_ + data.size() > kBuffer) TSC_TRY(Finish());
  if (data.size() >= kBuffer) return WriteAll(fd_, data, "output");
  std::memcpy(buffer_.get() + used_, data.data(), data.size());
  used_ += data.size();
  return {};
}

Status FdSink::Finish() {
  if (fd_ < 0) return {};
  return WriteAll(fd_, {buffer_.get(), std::exchange(used_, 0)}, "output");
}

std::unique_ptr<ByteSink> MakeGzipSink(ByteSink& next) { return std::make_unique<GzipSink>(next); }

}  // namespace tsc
