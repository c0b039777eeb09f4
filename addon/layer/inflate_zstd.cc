// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>

#include "layer/inflate_codecs.h"

namespace tsc::codec {
namespace {

constexpr std::size_t kOutput = 256 << 10;
constexpr int kWindowLog = 27;  // 128 MiB, zstd's own default: what a stranger's frame may make us allocate

class Zstd : public Decompressor {
 public:
  Zstd(std::unique_ptr<ByteSource> input, std::uint64_t max_output)
      : Decompressor(Compression::kZstd),
        input_(std::move(input)),
        budget_(max_output),
        output_(new char[kOutput]),
        context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {}

  Status Open() {
    if (!context_ || ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLog)))
      return Fail("decompress", ENOMEM, "zstd");
    return {};
  }

  Result<std::string_view> Next() override {
    ZSTD_outBuffer out{output_.get(), kOutput, 0};
    while (out.pos < out.size) {
      if (in_.pos == in_.size && !more_) {
        if (out.pos > 0) break;  // hand over what there is before waiting for more
        const auto data = TSC_TRY(input_->Next());
        if (data.empty()) {
          if (!between_frames_) return Fail("decompress", EBADMSG, "zstd: truncated");
          return std::string_view{};
        }
        in_ = {data.data(), data.size(), 0};
      }
      const std::size_t code = ZSTD_decompressStream(context_.get(), &out, &in_);
      if (ZSTD_isError(code)) return Fail("decompress", EBADMSG, std::string("zstd: ") + ZSTD_getErrorName(code));
      between_frames_ = code == 0;
      more_ = out.pos == out.size && !between_frames_;
    }
    TSC_TRY(budget_.Take(out.pos));
    return std::string_view(output_.get(), out.pos);
  }

 private:
  std::unique_ptr<ByteSource> input_;
  Budget budget_;
  std::unique_ptr<char[]> output_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
  ZSTD_inBuffer in_{};
  bool between_frames_ = true;
  bool more_ = false;  // the decoder may hold output that did not fit
};

}  // namespace

Result<std::unique_ptr<Decompressor>> OpenZstd(std::unique_ptr<ByteSource> input, std::uint64_t max_output) {
  auto zstd = std::make_unique<Zstd>(std::move(input), max_output);
  TSC_TRY(zstd->Open());
  return std::unique_ptr<Decompressor>(std::move(zstd));
}

}  // namespace tsc::codec
