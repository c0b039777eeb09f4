// SPDX-License-Identifier: Apache-2.0
#include "layer/tar_pax.h"

#include <limits>

namespace tsc {
namespace {

constexpr std::string_view kXattr = "SCHILY.xattr.";
constexpr std::string_view kSparse = "GNU.sparse.";

Failure Bad(std::string what) { return Fail("read tar", EBADMSG, "bad PAX " + std::move(what)); }

// "[-]seconds[.fraction]", cut to nanoseconds. Seconds beyond 64 bits stay at the end of the range, where the kernel clamps anyway.
std::optional<timespec> ParseTime(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot);
  const auto fraction = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty()) return std::nullopt;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 4;
  std::int64_t seconds = 0;
  for (const char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = seconds > kMax / 10 ? kMax : seconds * 10 + (c - '0');
  }
  long nanoseconds = 0;
  long unit = 100'000'000;
  for (const char c : fraction) {
    if (c < '0' || c > '9') return std::nullopt;
    nanoseconds += (c - '0') * unit;
    unit /= 10;
  }
  timespec time{};
  time.tv_sec = negative ? -seconds : seconds;
  time.tv_nsec = nanoseconds;
  if (negative && nanoseconds > 0) {
    time.tv_sec -= 1;
    time.tv_nsec = 1'000'000'000 - nanoseconds;
  }
  return time;
}

Status SetNumber(std::optional<std::uint64_t>& field, std::string_view key, std::string_view value) {
  if (value.empty()) {
    field.reset();
    return {};
  }
  field = ParseDecimal(value);
  if (!field) return Bad(std::string(key));
  return {};
}

Status SetName(std::optional<std::string>& field, std::string_view key, std::string_view value) {
  field.reset();
  if (value.find('\0') != std::string_view::npos) return Bad(std::string(key) + " with NUL");
  if (!value.empty()) field = std::string(value);
  return {};
}

Status AppendMap(PaxRecords& records, std::string_view key, std::string_view list) {
  if (!records.sparse_map) records.sparse_map.emplace();
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto number = ParseDecimal(list.substr(0, comma));
    if (!number) return Bad(std::string(key));
    records.sparse_map->push_back(*number);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return {};
}

Status SetSparse(PaxRecords& records, std::string_view key, std::string_view value) {
  const auto field = key.substr(kSparse.size());
  if (field == "major") return SetNumber(records.sparse_major, key, value);
  if (field == "minor") return SetNumber(records.sparse_minor, key, value);
  if (field == "name") return SetName(records.sparse_name, key, value);
  if (field == "size" || field == "realsize") return SetNumber(records.sparse_size, key, value);
  if (field == "map") {
    records.sparse_map.reset();
    return AppendMap(records, key, value);
  }
  if (field == "offset" || field == "numbytes") {  // 0.0: pairs that repeat, so their order is the map
    const std::size_t have = records.sparse_map ? records.sparse_map->size() : 0;
    if ((have % 2 == 0) != (field == "offset")) return Bad(std::string(key) + " out of order");
    return AppendMap(records, key, value);
  }
  return {};
}

Status SetXattr(PaxRecords& records, std::string_view key, std::string_view value) {
  const auto name = key.substr(kXattr.size());
  if (name.empty() || name.find('\0') != std::string_view::npos) return Bad("attribute name");
  for (auto& [known, content] : records.xattrs) {
    if (known != name) continue;
    content = value;
    return {};
  }
  constexpr std::size_t kMaxXattrs = 1024;  // keeps the search above linear in practice
  if (records.xattrs.size() >= kMaxXattrs) return Bad("attributes: too many");
  records.xattrs.emplace_back(name, value);
  return {};
}

Status SetRecord(PaxRecords& records, std::string_view key, std::string_view value) {
  if (key == "path") return SetName(records.path, key, value);
  if (key == "linkpath") return SetName(records.linkpath, key, value);
  if (key == "size") return SetNumber(records.size, key, value);
  if (key == "uid") return SetNumber(records.uid, key, value);
  if (key == "gid") return SetNumber(records.gid, key, value);
  if (key == "mtime") {
    records.mtime = value.empty() ? std::nullopt : ParseTime(value);
    if (!value.empty() && !records.mtime) return Bad("mtime");
    return {};
  }
  if (key.starts_with(kXattr)) return SetXattr(records, key, value);
  if (key.starts_with(kSparse)) return SetSparse(records, key, value);
  return {};
}

}  // namespace

std::optional<std::uint64_t> ParseDecimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > (std::numeric_limits<std::int64_t>::max() - 9) / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

Result<PaxRecords> ParsePax(std::string_view text) {
  PaxRecords records;
  while (!text.empty()) {  // "<length of this record> <key>=<value>\n"
    const auto space = text.substr(0, 20).find(' ');
    if (space == std::string_view::npos) return Bad("record length");
    const auto length = ParseDecimal(text.substr(0, space));
    if (!length || *length > text.size() || *length < space + 4) return Bad("record length");
    const auto record = text.substr(space + 1, *length - space - 1);
    const auto equals = record.find('=');
    if (record.back() != '\n' || equals == std::string_view::npos || equals == 0) return Bad("record");
    TSC_TRY(SetRecord(records, record.substr(0, equals), record.substr(equals + 1, record.size() - equals - 2)));
    text.remove_prefix(*length);
  }
  return records;
}

}  // namespace tsc
