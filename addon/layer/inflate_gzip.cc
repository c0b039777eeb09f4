// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include "layer/inflate_codecs.h"

namespace tsc::codec {
namespace {

constexpr std::size_t kOutput = 256 << 10;  // stays in the second-level cache between inflate, hash and write
constexpr int kGzipOnly = 15 + 16;          // window bits: the largest window, with a gzip wrapper

class Gzip : public Decompressor {
 public:
  Gzip(std::unique_ptr<ByteSource> input, std::uint64_t max_output)
      : Decompressor(Compression::kGzip), input_(std::move(input)), budget_(max_output), output_(new char[kOutput]) {}
  ~Gzip() override {
    if (ready_) ::inflateEnd(&stream_);
  }

  Status Open() {
    if (::inflateInit2(&stream_, kGzipOnly) != Z_OK) return Fail("decompress", ENOMEM, "gzip");
    ready_ = true;
    return {};
  }

  Result<std::string_view> Next() override {
    stream_.next_out = reinterpret_cast<Bytef*>(output_.get());
    stream_.avail_out = kOutput;
    while (!finished_ && stream_.avail_out > 0) {
      if (stream_.avail_in == 0) {
        if (stream_.avail_out < kOutput) break;  // hand over what there is before waiting for more
        if (!TSC_TRY(Refill())) return Fail("decompress", EBADMSG, "gzip: truncated");
      }
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END)
        TSC_TRY(NextMember());
      else if (code == Z_MEM_ERROR)
        return Fail("decompress", ENOMEM, "gzip");
      else if (code != Z_OK && code != Z_BUF_ERROR)
        return Fail("decompress", EBADMSG, Message());
    }
    const std::string_view data(output_.get(), kOutput - stream_.avail_out);
    TSC_TRY(budget_.Take(data.size()));
    return data;
  }

 private:
  std::string Message() const { return std::string("gzip: ") + (stream_.msg != nullptr ? stream_.msg : "corrupt"); }

  Result<bool> Refill() {
    const auto data = TSC_TRY(input_->Next());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    return !data.empty();
  }

  // After a member: the end, another member, or the zero bytes that tape tools pad with.
  Status NextMember() {
    bool padded = false;
    for (;;) {
      while (stream_.avail_in > 0 && *stream_.next_in == 0) {
        padded = true;
        ++stream_.next_in;
        --stream_.avail_in;
      }
      if (stream_.avail_in > 0) break;
      if (!TSC_TRY(Refill())) {
        finished_ = true;
        return {};
      }
    }
    if (padded || *stream_.next_in != 0x1f) return Fail("decompress", EBADMSG, "gzip: trailing garbage");
    ::inflateReset(&stream_);
    return {};
  }

  std::unique_ptr<ByteSource> input_;
  Budget budget_;
  std::unique_ptr<char[]> output_;
  z_stream stream_{};
  bool ready_ = false;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> OpenGzip(std::unique_ptr<ByteSource> input, std::uint64_t max_output) {
  auto gzip = std::make_unique<Gzip>(std::move(input), max_output);
  TSC_TRY(gzip->Open());
  return std::unique_ptr<Decompressor>(std::move(gzip));
}

}  // namespace tsc::codec
