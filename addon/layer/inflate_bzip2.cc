// SPDX-License-Identifier: Apache-2.0
#include <bzlib.h>

#include "layer/inflate_codecs.h"

namespace tsc::codec {
namespace {

constexpr std::size_t kOutput = 256 << 10;

class Bzip2 : public Decompressor {
 public:
  Bzip2(std::unique_ptr<ByteSource> input, std::uint64_t max_output)
      : Decompressor(Compression::kBzip2), input_(std::move(input)), budget_(max_output), output_(new char[kOutput]) {}
  ~Bzip2() override {
    if (ready_) ::BZ2_bzDecompressEnd(&stream_);
  }

  Status Open() {
    // Neither told of what happens nor sparing memory: 4 MB at most.
    if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return Fail("decompress", ENOMEM, "bzip2");
    ready_ = true;
    return {};
  }

  Result<std::string_view> Next() override {
    stream_.next_out = output_.get();
    stream_.avail_out = kOutput;
    while (!finished_ && stream_.avail_out > 0) {
      if (stream_.avail_in == 0) {
        if (stream_.avail_out < kOutput) break;  // hand over what there is before waiting for more
        if (!TSC_TRY(Refill())) return Fail("decompress", EBADMSG, "bzip2: truncated");
      }
      const int code = ::BZ2_bzDecompress(&stream_);
      if (code == BZ_STREAM_END)
        TSC_TRY(NextStream());
      else if (code == BZ_MEM_ERROR)
        return Fail("decompress", ENOMEM, "bzip2");
      else if (code != BZ_OK)
        return Fail("decompress", EBADMSG, "bzip2: corrupt");
    }
    const std::string_view data(output_.get(), kOutput - stream_.avail_out);
    TSC_TRY(budget_.Take(data.size()));
    return data;
  }

 private:
  Result<bool> Refill() {
    const auto data = TSC_TRY(input_->Next());
    stream_.next_in = const_cast<char*>(data.data());
    stream_.avail_in = static_cast<unsigned>(data.size());
    return !data.empty();
  }

  // Parallel compressors write many streams, one after the other.
  Status NextStream() {
    if (stream_.avail_in == 0 && !TSC_TRY(Refill())) {
      finished_ = true;
      return {};
    }
    const bz_stream rest = stream_;
    ::BZ2_bzDecompressEnd(&stream_);
    ready_ = false;
    stream_ = {};
    TSC_TRY(Open());
    stream_.next_in = rest.next_in;
    stream_.avail_in = rest.avail_in;
    stream_.next_out = rest.next_out;
    stream_.avail_out = rest.avail_out;
    return {};
  }

  std::unique_ptr<ByteSource> input_;
  Budget budget_;
  std::unique_ptr<char[]> output_;
  bz_stream stream_{};
  bool ready_ = false;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> OpenBzip2(std::unique_ptr<ByteSource> input, std::uint64_t max_output) {
  auto bzip2 = std::make_unique<Bzip2>(std::move(input), max_output);
  TSC_TRY(bzip2->Open());
  return std::unique_ptr<Decompressor>(std::move(bzip2));
}

}  // namespace tsc::codec
