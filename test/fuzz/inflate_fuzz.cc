// SPDX-License-Identifier: Apache-2.0
// Decompression: the framing of gzip, zstd, bzip2 and xz, in pieces as a pipe hands them over. The first byte says how large.
#include "layer/inflate.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

constexpr std::uint64_t kMost = 1 << 20;

Status InflateAll(std::string_view data, std::size_t chunk, std::string* plain) {
  StringSource source(data, chunk);
  const auto opened = TSC_TRY(OpenDecompressor(source, kMost, Formats::kArchive));
  for (;;) {
    const auto bytes = TSC_TRY(opened->Next());
    if (bytes.empty()) return {};
    plain->append(bytes);
    Require(plain->size() <= kMost);
  }
}

void Run(std::string_view input) {
  if (input.empty()) return;
  std::string whole, pieces;
  const auto first = InflateAll(input.substr(1), std::string_view::npos, &whole);
  const auto second = InflateAll(input.substr(1), 1 + static_cast<unsigned char>(input[0]), &pieces);
  Require(first.ok() == second.ok());
  if (first.ok()) Require(whole == pieces);
}

const Registration kTarget({"inflate", Run});

}  // namespace
}  // namespace tsc::fuzz
