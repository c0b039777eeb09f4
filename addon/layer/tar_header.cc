// SPDX-License-Identifier: Apache-2.0
#include "layer/tar_header.h"

#include <algorithm>
#include <limits>

namespace tsc {
namespace {

struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kMtime{136, 12}, kChecksum{148, 8};
constexpr Field kLink{157, 100}, kMagic{257, 8}, kMajor{329, 8}, kMinor{337, 8}, kPrefix{345, 155}, kStarPrefix{345, 131};
constexpr std::size_t kType = 156;
constexpr std::size_t kStarTrailer = 508;

std::string_view Bytes(std::string_view block, Field field) { return block.substr(field.offset, field.size); }
std::string Text(std::string_view block, Field field) {
  const auto bytes = Bytes(block, field);
  return std::string(bytes.substr(0, bytes.find('\0')));
}

TarDialect Dialect(std::string_view block) {
  const auto magic = Bytes(block, kMagic);
  if (magic == std::string_view("ustar  \0", 8)) return TarDialect::kGnu;
  if (!magic.starts_with(std::string_view("ustar\0", 6))) return TarDialect::kV7;
  return block.substr(kStarTrailer) == std::string_view("tar\0", 4) ? TarDialect::kStar : TarDialect::kUstar;
}

// Old tars summed signed characters.
bool ChecksumHolds(std::string_view block) {
  const auto stored = ParseTarNumber(Bytes(block, kChecksum));
  if (!stored) return false;
  std::int64_t plain = 0;
  std::int64_t with_sign = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) {
    const bool blank = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    plain += blank ? ' ' : static_cast<unsigned char>(block[i]);
    with_sign += blank ? ' ' : static_cast<signed char>(block[i]);
  }
  return *stored == plain || *stored == with_sign;
}

std::optional<std::int64_t> ParseBase256(std::string_view field) {
  const bool negative = (field[0] & 0x40) != 0;
  std::uint64_t value = negative ? std::numeric_limits<std::uint64_t>::max() : 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<unsigned char>(field[i]);
    if (i == 0) byte = negative ? (byte | 0x80) : (byte & 0x7f);
    const std::uint64_t lost = value >> 55;  // what the shift pushes out may only repeat the sign
    if (lost != (negative ? 0x1ffU : 0U)) return std::nullopt;
    value = (value << 8) | byte;
  }
  return static_cast<std::int64_t>(value);
}

std::string_view Trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text.substr(0, text.find('\0'));
}

std::optional<std::uint64_t> ParseUnsigned(std::string_view block, Field field) {
  const auto value = ParseTarNumber(Bytes(block, field));
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

Failure Bad(std::string what) { return Fail("read tar", EBADMSG, "bad " + std::move(what)); }

Status ParseDevice(std::string_view block, TarEntry& entry) {
  const auto major = ParseUnsigned(block, kMajor);
  const auto minor = ParseUnsigned(block, kMinor);
  if (!major || !minor || *major > 0xffffffff || *minor > 0xffffffff) return Bad("device number");
  entry.major = static_cast<unsigned>(*major);
  entry.minor = static_cast<unsigned>(*minor);
  return {};
}

}  // namespace

std::optional<std::int64_t> ParseTarNumber(std::string_view field) {
  if (!field.empty() && (field[0] & 0x80) != 0) return ParseBase256(field);
  std::int64_t value = 0;
  for (const char c : Trim(field)) {
    if (c < '0' || c > '7' || value > (std::numeric_limits<std::int64_t>::max() >> 3)) return std::nullopt;
    value = value * 8 + (c - '0');
  }
  return value;
}

bool IsZeroBlock(std::string_view block) {
  return std::all_of(block.begin(), block.end(), [](char c) { return c == 0; });
}

Result<TarHeader> ParseTarHeader(std::string_view block) {
  if (!ChecksumHolds(block)) return Bad("header checksum");
  TarHeader header;
  TarEntry& entry = header.entry;
  header.dialect = Dialect(block);
  header.type = block[kType];
  entry.name = Text(block, kName);
  entry.link = Text(block, kLink);
  const auto mode = ParseUnsigned(block, kMode);
  const auto uid = ParseUnsigned(block, kUid);
  const auto gid = ParseUnsigned(block, kGid);
  const auto size = ParseUnsigned(block, kSize);
  const auto mtime = ParseTarNumber(Bytes(block, kMtime));
  if (!mode) return Bad("mode");
  if (!uid || !gid) return Bad("owner");
  if (!size) return Bad("size");
  if (!mtime) return Bad("time");
  entry.mode = static_cast<mode_t>(*mode & 07777);
  entry.uid = *uid;
  entry.gid = *gid;
  entry.size = *size;
  entry.mtime.tv_sec = *mtime;
  if (header.dialect == TarDialect::kV7) return header;
  if (header.type == '3' || header.type == '4') TSC_TRY(ParseDevice(block, entry));
  if (header.dialect == TarDialect::kGnu) return header;
  const auto prefix = Text(block, header.dialect == TarDialect::kStar ? kStarPrefix : kPrefix);
  if (!prefix.empty()) entry.name = prefix + "/" + entry.name;
  return header;
}

}  // namespace tsc
