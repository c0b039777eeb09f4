// SPDX-License-Identifier: Apache-2.0
#include "layer/tar_writer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "layer/tar_header.h"

namespace tsc {
namespace {

constexpr std::size_t kNameSize = 100;
constexpr std::size_t kPrefixSize = 155;
constexpr std::uint64_t kMaxOctal7 = 07777777;
constexpr std::uint64_t kMaxOctal11 = 077777777777;

using Records = std::map<std::string, std::string>;

char TypeFlag(TarType type) {
  switch (type) {
    case TarType::kHardLink:
      return '1';
    case TarType::kSymlink:
      return '2';
    case TarType::kCharDevice:
      return '3';
    case TarType::kBlockDevice:
      return '4';
    case TarType::kDirectory:
      return '5';
    case TarType::kFifo:
      return '6';
    case TarType::kFile:
      break;
  }
  return '0';
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// "length key=value\n", where the length counts its own digits.
std::string Record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest;
  while (rest + std::to_string(length).size() != length) length = rest + std::to_string(length).size();
  return std::to_string(length) + " " + key + "=" + value + "\n";
}

class Block {
 public:
  Block() : bytes_(kTarBlock, '\0') {}
  void Text(std::size_t at, std::string_view text) { bytes_.replace(at, text.size(), text); }
  void Octal(std::size_t at, std::size_t digits, std::uint64_t value) {
    for (std::size_t i = digits; i-- > 0; value >>= 3) bytes_[at + i] = static_cast<char>('0' + (value & 7));
  }
  std::string Seal() {
    Text(148, "        ");
    std::uint64_t sum = 0;
    for (const char c : bytes_) sum += static_cast<unsigned char>(c);
    Octal(148, 6, sum);
    bytes_[154] = '\0';
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Where the name is cut into prefix and name, std::nullopt where no slash is in the right place.
std::optional<std::size_t> PrefixCut(std::string_view name) {
  const auto cut = name.substr(0, kPrefixSize + 1).rfind('/', name.size() - 2);  // the slash that ends a directory stays
  if (cut == std::string_view::npos || cut == 0 || name.size() - cut - 1 > kNameSize) return std::nullopt;
  return cut;
}

void SetName(Block& block, std::string_view name, Records& records) {
  if (IsAscii(name) && name.size() <= kNameSize) return block.Text(0, name);
  const auto cut = IsAscii(name) ? PrefixCut(name) : std::nullopt;
  if (cut) {
    block.Text(345, name.substr(0, *cut));
    return block.Text(0, name.substr(*cut + 1));
  }
  records["path"] = name;
  block.Text(0, name.substr(0, kNameSize));
}

void SetNumber(Block& block, std::size_t at, std::size_t digits, std::uint64_t value, const char* key, Records& records) {
  const std::uint64_t most = digits == 7 ? kMaxOctal7 : kMaxOctal11;
  if (value > most) records[key] = std::to_string(value);
  block.Octal(at, digits, value > most ? 0 : value);
}

std::string MakeHeader(const TarEntry& entry, Records& records) {
  Block block;
  SetName(block, entry.name, records);
  if (entry.link.size() > kNameSize || !IsAscii(entry.link)) records["linkpath"] = entry.link;
  block.Text(157, std::string_view(entry.link).substr(0, kNameSize));
  block.Octal(100, 7, entry.mode);
  SetNumber(block, 108, 7, entry.uid, "uid", records);
  SetNumber(block, 116, 7, entry.gid, "gid", records);
  SetNumber(block, 124, 11, entry.type == TarType::kFile ? entry.size : 0, "size", records);
  if (entry.mtime.tv_sec < 0)
    records["mtime"] = std::to_string(entry.mtime.tv_sec);
  else
    SetNumber(block, 136, 11, static_cast<std::uint64_t>(entry.mtime.tv_sec), "mtime", records);
  if (entry.mtime.tv_sec < 0) block.Octal(136, 11, 0);
  block.Text(156, std::string(1, TypeFlag(entry.type)));
  block.Text(257, std::string_view("ustar\00000", 8));
  if (entry.type == TarType::kCharDevice || entry.type == TarType::kBlockDevice) {
    block.Octal(329, 7, entry.major);
    block.Octal(337, 7, entry.minor);
  }
  for (const auto& [name, value] : entry.xattrs) records["SCHILY.xattr." + name] = value;
  return block.Seal();
}

}  // namespace

Status TarWriter::Add(const TarEntry& entry) { return AddWith(entry, {}); }

Status TarWriter::AddSparse(const TarEntry& entry, const std::vector<SparseRun>& runs) {
  std::string map = std::to_string(runs.size()) + "\n";
  TarEntry stored = entry;
  stored.size = 0;
  for (const auto& run : runs) {
    map += std::to_string(run.offset) + "\n" + std::to_string(run.length) + "\n";
    stored.size += run.length;
  }
  map.resize((map.size() + kTarBlock - 1) / kTarBlock * kTarBlock, '\0');
  stored.size += map.size();
  // What a reader that does not know the format calls it.
  const auto slash = entry.name.rfind('/') + 1;
  stored.name = entry.name.substr(0, slash) + "GNUSparseFile.0/" + entry.name.substr(slash);
  TSC_TRY(AddWith(stored, {{"GNU.sparse.major", "1"},
                           {"GNU.sparse.minor", "0"},
                           {"GNU.sparse.name", entry.name},
                           {"GNU.sparse.realsize", std::to_string(entry.size)}}));
  return Data(map);
}

Status TarWriter::AddWith(const TarEntry& entry, Records records) {
  TSC_TRY(EndEntry());
  const auto header = MakeHeader(entry, records);
  std::string text;
  for (const auto& [key, value] : records) text += Record(key, value);
  if (!text.empty()) TSC_TRY(WritePax(text, entry.name));
  left_ = entry.type == TarType::kFile ? entry.size : 0;
  padding_ = (kTarBlock - left_ % kTarBlock) % kTarBlock;
  return sink_.Write(header);
}

Status TarWriter::WritePax(const std::string& records, std::string_view name) {
  TarEntry pax;
  const auto leaf = name.substr(0, name.find_last_not_of('/') + 1);
  pax.name = "PaxHeaders.0/" + std::string(leaf.substr(leaf.rfind('/') + 1).substr(0, kNameSize - 13));
  pax.mode = 0644;
  pax.size = records.size();
  if (!IsAscii(pax.name)) pax.name = "PaxHeaders.0/entry";
  Records none;
  auto header = MakeHeader(pax, none);
  header[156] = 'x';
  Block sealed;
  sealed.Text(0, header);
  TSC_TRY(sink_.Write(sealed.Seal()));
  TSC_TRY(sink_.Write(records));
  return sink_.Write(std::string((kTarBlock - records.size() % kTarBlock) % kTarBlock, '\0'));
}

Status TarWriter::Data(std::string_view data) {
  if (data.size() > left_) return Fail("write tar", EINVAL, "more data than announced");
  left_ -= data.size();
  return sink_.Write(data);
}

Status TarWriter::EndEntry() {
  if (left_ != 0) return Fail("write tar", EINVAL, "less data than announced");
  static constexpr char kZeros[kTarBlock] = {};
  return sink_.Write({kZeros, std::exchange(padding_, 0)});
}

Status TarWriter::Finish() {
  TSC_TRY(EndEntry());
  return sink_.Write(std::string(2 * kTarBlock, '\0'));
}

}  // namespace tsc
