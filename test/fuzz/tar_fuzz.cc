// SPDX-License-Identifier: Apache-2.0
// The tar reader, its extensions and sparse maps. The first byte says how large the pieces are that the archive comes in.
#include "layer/tar_reader.h"
#include "tar_mutator.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

struct Read {
  std::vector<TarEntry> entries;
  std::uint64_t bytes = 0;
  int error = 0;
};

// The data of an entry goes upwards, and ends within the size that the entry has.
Status ReadData(TarReader& reader, const TarEntry& entry, Read& read) {
  std::uint64_t end = 0;
  for (;;) {
    const auto data = TSC_TRY(reader.Read());
    if (data.bytes.empty()) return {};
    Require(data.offset >= end && data.offset <= entry.size && data.bytes.size() <= entry.size - data.offset);
    end = data.offset + data.bytes.size();
    read.bytes += data.bytes.size();
  }
}

Status ReadEntries(std::string_view tar, std::size_t chunk, Read& read) {
  StringSource source(tar, chunk);
  TarReader reader(source, {.entries = 1000, .pax_bytes = 1 << 16, .sparse_runs = 1000});
  TarEntry entry;
  while (TSC_TRY(reader.Next(entry))) {
    read.entries.push_back(entry);
    TSC_TRY(ReadData(reader, entry, read));
  }
  return {};
}

Read ReadAll(std::string_view tar, std::size_t chunk) {
  Read read;
  const auto status = ReadEntries(tar, chunk, read);
  if (!status.ok()) read.error = status.failure().error;
  Require(read.bytes <= tar.size());
  return read;
}

void Run(std::string_view input) {
  if (input.empty()) return;
  const std::size_t chunk = 1 + 4 * static_cast<unsigned char>(input[0]);
  const Read whole = ReadAll(input.substr(1), std::string_view::npos), pieces = ReadAll(input.substr(1), chunk);
  Require(whole.error == pieces.error && whole.bytes == pieces.bytes && whole.entries.size() == pieces.entries.size());
}

std::string Mutate(const std::string& input, std::uint32_t seed) {
  return (input.empty() ? "\1" : input.substr(0, 1)) + MutateTar(input.empty() ? "" : input.substr(1), seed);
}

const Registration kTarget({"tar", Run, Mutate});

}  // namespace
}  // namespace tsc::fuzz
