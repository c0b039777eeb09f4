// SPDX-License-Identifier: Apache-2.0
#include "layer/tar_reader.h"

#include <algorithm>
#include <cstring>

#include "layer/entry_name.h"

namespace tsc {
namespace {

std::uint64_t PaddingOf(std::uint64_t size) { return (kTarBlock - size % kTarBlock) % kTarBlock; }

bool HasData(TarType type) { return type == TarType::kFile; }

std::optional<TarType> TypeOf(char type) {
  switch (type) {
    case '\0':
    case '0':
    case '7':  // contiguous file
    case 'S':  // GNU sparse
      return TarType::kFile;
    case '1':
      return TarType::kHardLink;
    case '2':
      return TarType::kSymlink;
    case '3':
      return TarType::kCharDevice;
    case '4':
      return TarType::kBlockDevice;
    case '5':
      return TarType::kDirectory;
    case '6':
      return TarType::kFifo;
    default:
      return std::nullopt;
  }
}

// A GNU long name ends at its first NUL.
std::string UntilNul(std::string text) {
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

}  // namespace

Failure TarReader::Bad(std::string what, int error) const {
  what += " at entry " + std::to_string(entries_ + 1);
  if (!current_.empty()) what += " (" + PrintableName(current_) + ")";
  return Fail("read tar", error, std::move(what));
}

Result<bool> TarReader::Next(TarEntry& entry) {
  if (finished_) return false;
  TSC_TRY(Skip(left_ + padding_));
  left_ = padding_ = 0;
  runs_.clear();
  if (!current_.empty()) ++entries_;
  current_.clear();
  auto more = ReadEntry(entry);
  if (!more) {
    auto failure = std::move(more).failure();
    // The parsers of headers and PAX records do not know where they are.
    if (failure.step == "read tar" && failure.object.find(" at entry ") == std::string::npos)
      return Bad(std::move(failure.object), failure.error);
    return failure;
  }
  finished_ = !*more;
  return *more;
}

Result<bool> TarReader::ReadEntry(TarEntry& entry) {
  Extensions extensions;
  for (;;) {
    if (!TSC_TRY(ReadBlock()) || IsZeroBlock({block_, kTarBlock})) {
      TSC_TRY(AtEnd(extensions));
      return false;
    }
    auto header = TSC_TRY(ParseTarHeader({block_, kTarBlock}));
    if (TSC_TRY(ReadExtension(header, extensions))) continue;
    if (entries_ >= limits_.entries) return Bad("more than " + std::to_string(limits_.entries) + " entries", E2BIG);
    TSC_TRY(FinishEntry(std::move(header), std::move(extensions), entry));
    return true;
  }
}

// Two zero blocks end an archive; an end of the source right behind a header boundary is taken for one as well.
Status TarReader::AtEnd(const Extensions& extensions) {
  if (extensions.any) return Bad("extended header without an entry");
  if (TSC_TRY(ReadBlock()) && !IsZeroBlock({block_, kTarBlock})) return Bad("lone zero block");
  return {};
}

// True where the header only extends the entry that follows.
Result<bool> TarReader::ReadExtension(const TarHeader& header, Extensions& extensions) {
  const char type = header.type;
  if (type != 'x' && type != 'g' && type != 'L' && type != 'K') return false;
  const bool pax = type == 'x' || type == 'g';
  const std::uint64_t size = header.entry.size;
  if (size > (pax ? limits_.pax_bytes : limits_.name_bytes + 1)) return Bad("extended header too large", EFBIG);
  if (type == 'g') {
    TSC_TRY(Skip(size + PaddingOf(size)));
    return true;
  }
  auto text = TSC_TRY(TakeString(size));
  TSC_TRY(Skip(PaddingOf(size)));
  extensions.any = true;
  if (type == 'x')
    extensions.pax = TSC_TRY(ParsePax(text));
  else if (type == 'L')
    extensions.long_name = UntilNul(std::move(text));
  else
    extensions.long_link = UntilNul(std::move(text));
  return true;
}

Status TarReader::FinishEntry(TarHeader header, Extensions extensions, TarEntry& entry) {
  entry = std::move(header.entry);
  TSC_TRY(SetNames(header, extensions, entry));
  current_ = entry.name.empty() ? "." : entry.name;
  const auto type = TypeOf(header.type);
  if (!type) return Bad("unknown type " + std::to_string(static_cast<unsigned char>(header.type)));
  entry.type = *type;
  auto& pax = extensions.pax;
  if (pax.uid) entry.uid = *pax.uid;
  if (pax.gid) entry.gid = *pax.gid;
  if (pax.mtime) entry.mtime = *pax.mtime;
  if (pax.size) entry.size = *pax.size;
  entry.xattrs = std::move(pax.xattrs);
  return SetData(header.type, pax, entry);
}

Status TarReader::SetNames(const TarHeader& header, Extensions& extensions, TarEntry& entry) const {
  auto& pax = extensions.pax;
  if (pax.path) entry.name = std::move(*pax.path);
  if (pax.linkpath) entry.link = std::move(*pax.linkpath);
  if (!extensions.long_name.empty()) entry.name = std::move(extensions.long_name);
  if (!extensions.long_link.empty()) entry.link = std::move(extensions.long_link);
  if (pax.sparse_name && header.type == '0') entry.name = std::move(*pax.sparse_name);
  if (entry.name.size() > limits_.name_bytes || entry.link.size() > limits_.name_bytes) return Bad("name too long", ENAMETOOLONG);
  return {};
}

Status TarReader::SetData(char type, const PaxRecords& pax, TarEntry& entry) {
  runs_.clear();
  run_ = 0;
  run_done_ = 0;
  if (entry.type == TarType::kFile && type != 'S' && type != '7' && entry.name.ends_with('/')) {  // how V7 wrote directories
    if (entry.size != 0) return Bad("directory with data");
    entry.type = TarType::kDirectory;
  }
  if (!HasData(entry.type)) {
    entry.size = 0;
    return {};
  }
  left_ = entry.size;
  padding_ = PaddingOf(left_);
  TSC_TRY(ReadSparseMap(type, pax, entry));
  if (entry.size > limits_.file_bytes - file_bytes_) return Bad("files larger than allowed", EFBIG);
  file_bytes_ += entry.size;
  return {};
}

Result<TarData> TarReader::Read() {
  while (run_ < runs_.size() && run_done_ == runs_[run_].length) {
    ++run_;
    run_done_ = 0;
  }
  if (run_ == runs_.size()) return TarData{};
  const SparseRun run = runs_[run_];
  const auto bytes = TSC_TRY(Take(run.length - run_done_));
  const TarData data{run.offset + run_done_, bytes};
  run_done_ += bytes.size();
  left_ -= bytes.size();
  return data;
}

Status TarReader::Drain() {
  pending_ = {};
  while (!TSC_TRY(source_.Next()).empty()) continue;
  return {};
}

Result<bool> TarReader::ReadBlock() {
  std::size_t have = 0;
  while (have < kTarBlock) {
    if (pending_.empty()) pending_ = TSC_TRY(source_.Next());
    if (pending_.empty()) break;
    const auto part = pending_.substr(0, kTarBlock - have);
    std::memcpy(block_ + have, part.data(), part.size());
    pending_.remove_prefix(part.size());
    have += part.size();
  }
  if (have != 0 && have != kTarBlock) return Bad("truncated");
  return have != 0;
}

Result<std::string_view> TarReader::Take(std::uint64_t at_most) {
  if (pending_.empty()) pending_ = TSC_TRY(source_.Next());
  if (pending_.empty()) return Bad("truncated");
  const auto part = pending_.substr(0, std::min<std::uint64_t>(at_most, pending_.size()));
  pending_.remove_prefix(part.size());
  return part;
}

Result<std::string> TarReader::TakeString(std::uint64_t size) {
  std::string text;
  while (text.size() < size) text += TSC_TRY(Take(size - text.size()));
  return text;
}

Status TarReader::Skip(std::uint64_t bytes) {
  while (bytes > 0) bytes -= TSC_TRY(Take(bytes)).size();
  return {};
}

}  // namespace tsc
