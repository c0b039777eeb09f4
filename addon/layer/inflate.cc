// SPDX-License-Identifier: Apache-2.0
#include "layer/inflate.h"

#include "layer/inflate_codecs.h"

namespace tsc {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kXzMagic = std::string_view(
    "\xfd"
    "7zXZ",
    5);
constexpr std::string_view kBzip2Magic = "BZh";
constexpr std::size_t kLongestMagic = 5;

class Plain : public Decompressor {
 public:
  Plain(std::unique_ptr<ByteSource> input, std::uint64_t max_output)
      : Decompressor(Compression::kPlain), input_(std::move(input)), budget_(max_output) {}
  Result<std::string_view> Next() override {
    const auto data = TSC_TRY(input_->Next());
    TSC_TRY(budget_.Take(data.size()));
    return data;
  }

 private:
  std::unique_ptr<ByteSource> input_;
  codec::Budget budget_;
};

// A skippable frame (0x184D2A50 to 0x184D2A5F) may come first.
bool IsZstd(std::string_view head) {
  if (head.starts_with(kZstdMagic)) return true;
  return head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

const char* CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kBzip2:
      return "bzip2";
    case Compression::kXz:
      return "xz";
    case Compression::kPlain:
      break;
  }
  return "plain";
}

Result<std::unique_ptr<Decompressor>> OpenDecompressor(ByteSource& input, std::uint64_t max_output, Formats formats) {
  std::string_view head = TSC_TRY(input.Next());
  std::string owned;
  if (head.size() < kLongestMagic) {  // a pipe may hand over its first bytes one by one
    while (!head.empty() && owned.size() < kLongestMagic) {
      owned += head;
      head = TSC_TRY(input.Next());
    }
    owned += head;
    head = owned;
  }
  const bool gzip = head.starts_with(kGzipMagic);
  const bool zstd = IsZstd(head);
  const bool xz = head.starts_with(kXzMagic), bzip2 = head.starts_with(kBzip2Magic);
  if ((xz || bzip2) && formats == Formats::kLayer) return Fail("decompress", EOPNOTSUPP, xz ? "xz" : "bzip2");
  std::unique_ptr<ByteSource> all;
  if (owned.empty())
    all = std::make_unique<codec::Rewound>(input, head);
  else
    all = std::make_unique<codec::Rewound>(input, std::move(owned));
  if (gzip) return codec::OpenGzip(std::move(all), max_output);
  if (zstd) return codec::OpenZstd(std::move(all), max_output);
  if (bzip2) return codec::OpenBzip2(std::move(all), max_output);
  if (xz) return codec::OpenXz(std::move(all), max_output);
  return std::unique_ptr<Decompressor>(std::make_unique<Plain>(std::move(all), max_output));
}

}  // namespace tsc
