// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

Result<std::string> Inflate(std::string_view data, std::uint64_t limit = 1 << 30, std::size_t chunk = std::string_view::npos) {
  StringSource source(data, chunk);
  const auto plain = TSC_TRY(OpenDecompressor(source, limit, Formats::kArchive));
  std::string all;
  for (;;) {
    const auto part = TSC_TRY(plain->Next());
    if (part.empty()) return all;
    all += part;
  }
}

std::string Compress(const std::string& tool, const std::string& data) {
  TempDir dir;
  const UniqueFd file(::open(dir.At("f").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  (void)WriteAll(file.get(), data, "f");
  return *Shell(tool + " < " + dir.At("f"));
}

std::string Text(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i * 2654435761U) + "\n";
  return text;
}

int ErrorOf(const Result<std::string>& result) { return result ? 0 : result.failure().error; }

}  // namespace

TEST_CASE("every format, in one and in many pieces, byte by byte") {
  const auto text = Text(3'000'000);
  for (const std::string tool : {"gzip", "zstd", "bzip2", "xz", "cat"}) {
    CAPTURE(tool);
    const auto packed = Compress(tool, text);
    const auto twice = packed + Compress(tool, "tail");
    CHECK(*Inflate(packed) == text);
    CHECK(*Inflate(twice, 1 << 30, 4096) == text + "tail");
    CHECK(*Inflate(Compress(tool, "short"), 1 << 30, 1) == "short");
    CHECK(*Inflate(Compress(tool, "")) == "");
  }
}

TEST_CASE("truncation is an error at every byte") {
  for (const std::string tool : {"gzip", "zstd", "bzip2", "xz"}) {
    const auto packed = Compress(tool, Text(2000));
    for (std::size_t size = tool == "xz" ? 6 : 5; size < packed.size(); ++size)
      if (ErrorOf(Inflate(std::string_view(packed).substr(0, size))) != EBADMSG) FAIL(tool << " cut at " << size);
  }
}

TEST_CASE("behind gzip only padding or another member") {
  const auto packed = Compress("gzip", "data");
  CHECK(*Inflate(packed + std::string(700, '\0')) == "data");
  CHECK(ErrorOf(Inflate(packed + "garbage")) == EBADMSG);
  CHECK(ErrorOf(Inflate(packed + std::string(700, '\0') + "x")) == EBADMSG);
  CHECK(ErrorOf(Inflate(packed + std::string(8, '\0') + packed)) == EBADMSG);
}

TEST_CASE("zstd's skippable frames are skipped, in front too; garbage is not") {
  const auto packed = Compress("zstd", "data");
  const std::string skippable("\x53\x2a\x4d\x18\3\0\0\0abc", 11);
  CHECK(*Inflate(skippable + packed + skippable + packed) == "datadata");
  CHECK(ErrorOf(Inflate(packed + "garbage")) == EBADMSG);
}

TEST_CASE("damage is found") {
  for (const std::string tool : {"gzip", "zstd --check", "bzip2", "xz"}) {
    auto packed = Compress(tool, Text(20000));
    packed[packed.size() / 2] ^= 0x10;
    CHECK(ErrorOf(Inflate(packed)) == EBADMSG);
  }
}

TEST_CASE("behind bzip2 and xz only another stream") {
  for (const std::string tool : {"bzip2", "xz"}) CHECK(ErrorOf(Inflate(Compress(tool, "data") + "garbage")) == EBADMSG);
}

TEST_CASE("a bomb stops at the limit") {
  for (const std::string tool : {"gzip", "zstd", "bzip2", "xz"}) {
    const auto bomb = *Shell("head -c 50000000 /dev/zero | " + tool);
    CHECK(bomb.size() < 100'000);
    CHECK(ErrorOf(Inflate(bomb, 1'000'000)) == EFBIG);
    CHECK(Inflate(bomb, 50'000'000).ok());
  }
}

TEST_CASE("formats that no image has are named, and archives of people may have them") {
  const auto in_image = [](std::string_view data) {
    StringSource source(data);
    const auto opened = OpenDecompressor(source, 1 << 20);
    return opened.ok() ? Failure{} : opened.failure();
  };
  CHECK(in_image(Compress("xz", "x")).object == "xz");
  CHECK(in_image(Compress("bzip2", "x")).error == EOPNOTSUPP);
}

TEST_CASE("xz gets no more memory than its largest preset asks for") {
  CHECK(*Inflate(Compress("xz -9e", "data")) == "data");
  CHECK(ErrorOf(Inflate(Compress("xz --lzma2=dict=512MiB", "data"))) == EFBIG);
}
