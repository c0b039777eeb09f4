// SPDX-License-Identifier: Apache-2.0
// The four ways in which GNU tar writes sparse files (GNU tar manual, "Storing Sparse Files").
#include <cstring>

#include "layer/tar_reader.h"

namespace tsc {
namespace {

constexpr std::size_t kPair = 24;  // offset and length, 12 bytes each
constexpr std::size_t kHeaderPairs = 386;
constexpr std::size_t kHeaderPairCount = 4;
constexpr std::size_t kHeaderExtended = 482;
constexpr std::size_t kHeaderRealSize = 483;
constexpr std::size_t kExtensionPairCount = 21;
constexpr std::size_t kExtensionExtended = 504;

// Appends the pairs up to the first empty one. False where a number is malformed.
bool AppendPairs(std::string_view pairs, std::vector<std::uint64_t>& map) {
  for (; !pairs.empty() && pairs[0] != 0; pairs.remove_prefix(kPair)) {
    for (const std::size_t at : {std::size_t{0}, kPair / 2}) {
      const auto number = ParseTarNumber(pairs.substr(at, kPair / 2));
      if (!number || *number < 0) return false;
      map.push_back(static_cast<std::uint64_t>(*number));
    }
  }
  return true;
}

}  // namespace

Status TarReader::ReadSparseMap(char type, const PaxRecords& pax, TarEntry& entry) {
  const bool in_data = pax.sparse_major == 1 && pax.sparse_minor.value_or(0) == 0;
  if (pax.sparse_major && *pax.sparse_major > 0 && !in_data) return Bad("unknown sparse format");
  entry.sparse = type == 'S' || in_data || pax.sparse_map;
  if (!entry.sparse) {
    runs_.push_back({0, entry.size});
    return {};
  }
  if (type == 'S') {
    TSC_TRY(ReadGnuSparse(entry));
  } else {
    if (pax.sparse_size)
      entry.size = *pax.sparse_size;
    else if (in_data)
      return Bad("sparse file without a size");
    TSC_TRY(in_data ? ReadPaxSparse(entry) : AddRuns(*pax.sparse_map));
  }
  return CheckRuns(entry.size);
}

Status TarReader::ReadGnuSparse(TarEntry& entry) {
  std::vector<std::uint64_t> map;
  const std::string_view header(block_, kTarBlock);
  const auto size = ParseTarNumber(header.substr(kHeaderRealSize, 12));
  if (!size || *size < 0 || !AppendPairs(header.substr(kHeaderPairs, kPair * kHeaderPairCount), map)) return Bad("bad sparse map");
  entry.size = static_cast<std::uint64_t>(*size);
  bool more = header[kHeaderExtended] != 0;
  while (more) {
    if (!TSC_TRY(ReadBlock())) return Bad("truncated");
    if (!AppendPairs(std::string_view(block_, kPair * kExtensionPairCount), map)) return Bad("bad sparse map");
    if (map.size() / 2 > limits_.sparse_runs) return Bad("sparse map too large", EFBIG);
    more = block_[kExtensionExtended] != 0;
  }
  return AddRuns(map);
}

// Format 1.0: the map stands before the data, in decimal lines, filled up to whole blocks.
Status TarReader::ReadPaxSparse(TarEntry&) {
  std::vector<std::uint64_t> map;
  std::string text;
  std::size_t wanted = 1;  // the count of pairs comes first
  while (map.size() < wanted) {
    const auto newline = text.find('\n');
    if (newline == std::string::npos) {
      if (left_ < kTarBlock || text.size() > kTarBlock) return Bad("bad sparse map");
      text += TSC_TRY(TakeString(kTarBlock));
      left_ -= kTarBlock;
      continue;
    }
    const auto number = ParseDecimal(std::string_view(text).substr(0, newline));
    if (!number) return Bad("bad sparse map");
    if (map.empty()) {
      if (*number > limits_.sparse_runs) return Bad("sparse map too large", EFBIG);
      wanted += 2 * static_cast<std::size_t>(*number);
    }
    map.push_back(*number);
    text.erase(0, newline + 1);
  }
  map.erase(map.begin());
  return AddRuns(map);
}

Status TarReader::AddRuns(const std::vector<std::uint64_t>& map) {
  if (map.size() % 2 != 0) return Bad("bad sparse map");
  if (map.size() / 2 > limits_.sparse_runs) return Bad("sparse map too large", EFBIG);
  for (std::size_t i = 0; i < map.size(); i += 2) runs_.push_back({map[i], map[i + 1]});
  return {};
}

// Runs go upwards, end within the file, and are together exactly the data in the archive.
Status TarReader::CheckRuns(std::uint64_t file_size) const {
  std::uint64_t end = 0;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const auto [offset, length] = runs_[i];
    if (offset < end || offset > file_size || length > file_size - offset) return Bad("bad sparse map");
    // GNU tar pads every run to a block, Go does not: only maps where both agree are read.
    if (length % kTarBlock != 0 && i + 1 < runs_.size() && runs_[i + 1].length != 0) return Bad("unaligned sparse run");
    end = offset + length;
    total += length;
  }
  if (total != left_) return Bad("sparse map does not fit its data");
  return {};
}

}  // namespace tsc
