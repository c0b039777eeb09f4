// SPDX-License-Identifier: Apache-2.0
#include <lzma.h>

#include "layer/inflate_codecs.h"

namespace tsc::codec {
namespace {

constexpr std::size_t kOutput = 256 << 10;
constexpr std::uint64_t kMemory = 128 << 20;  // `xz -9` asks for 65 MiB

class Xz : public Decompressor {
 public:
  Xz(std::unique_ptr<ByteSource> input, std::uint64_t max_output)
      : Decompressor(Compression::kXz), input_(std::move(input)), budget_(max_output), output_(new std::uint8_t[kOutput]) {}
  ~Xz() override { ::lzma_end(&stream_); }

  Status Open() {
    if (::lzma_stream_decoder(&stream_, kMemory, LZMA_CONCATENATED) != LZMA_OK) return Fail("decompress", ENOMEM, "xz");
    return {};
  }

  Result<std::string_view> Next() override {
    stream_.next_out = output_.get();
    stream_.avail_out = kOutput;
    while (!finished_ && stream_.avail_out > 0) {
      if (stream_.avail_in == 0 && !ended_) {
        if (stream_.avail_out < kOutput) break;  // hand over what there is before waiting for more
        const auto data = TSC_TRY(input_->Next());
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(data.data());
        stream_.avail_in = data.size();
        ended_ = data.empty();
      }
      TSC_TRY(Step());
    }
    const std::string_view data(reinterpret_cast<const char*>(output_.get()), kOutput - stream_.avail_out);
    TSC_TRY(budget_.Take(data.size()));
    return data;
  }

 private:
  Status Step() {
    switch (::lzma_code(&stream_, ended_ ? LZMA_FINISH : LZMA_RUN)) {
      case LZMA_OK:
        return {};
      case LZMA_STREAM_END:
        finished_ = true;
        return {};
      case LZMA_MEM_ERROR:
        return Fail("decompress", ENOMEM, "xz");
      case LZMA_MEMLIMIT_ERROR:
        return Fail("decompress", EFBIG, "xz: more memory than allowed");
      case LZMA_BUF_ERROR:
        return Fail("decompress", EBADMSG, "xz: truncated");
      default:
        return Fail("decompress", EBADMSG, "xz: corrupt");
    }
  }

  std::unique_ptr<ByteSource> input_;
  Budget budget_;
  std::unique_ptr<std::uint8_t[]> output_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;  // no more input
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> OpenXz(std::unique_ptr<ByteSource> input, std::uint64_t max_output) {
  auto xz = std::make_unique<Xz>(std::move(input), max_output);
  TSC_TRY(xz->Open());
  return std::unique_ptr<Decompressor>(std::move(xz));
}

}  // namespace tsc::codec
