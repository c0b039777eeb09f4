// SPDX-License-Identifier: Apache-2.0
#include "layer/unpack_tree.h"

#include <unistd.h>

#include <memory>

#include "layer/entry_name.h"
#include "layer/entry_writer.h"
#include "layer/inflate.h"
#include "layer/no_umask.h"
#include "layer/tar_reader.h"

namespace tsc {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50;
constexpr mode_t kPermissions = 0777;
constexpr std::size_t kBuffer = 256 << 10;

// Nobody asks for its digest.
class FdSource : public ByteSource {
 public:
  explicit FdSource(int fd) : fd_(fd), buffer_(new char[kBuffer]) {}
  Result<std::string_view> Next() override {
    ssize_t n;
    do n = ::read(fd_, buffer_.get(), kBuffer);
    while (n < 0 && errno == EINTR);
    if (n < 0) return Errno("read tar", "input");
    return std::string_view(buffer_.get(), static_cast<std::size_t>(n));
  }

 private:
  int fd_;
  std::unique_ptr<char[]> buffer_;
};

bool IsDevice(TarType type) { return type == TarType::kCharDevice || type == TarType::kBlockDevice; }

mode_t ForDirectory(mode_t mode) { return mode | ((mode & 0444) >> 2); }

// What the caller said about every entry, and what no entry may have.
void Adjust(const UnpackTreeOptions& options, TarEntry& entry) {
  const bool plain = entry.type == TarType::kFile || entry.type == TarType::kDirectory;
  if (options.tree.owner) {
    entry.uid = options.tree.owner->uid;
    entry.gid = options.tree.owner->gid;
  }
  if (options.mode && plain) entry.mode = entry.type == TarType::kDirectory ? ForDirectory(*options.mode) : *options.mode;
  // A pipe or a device cannot be opened to be given more than that, and by its name somebody else's file may be hit.
  if (!plain) entry.mode &= kPermissions;
  if (options.trusted) return;
  entry.mode &= kPermissions;
  std::erase_if(entry.xattrs, [](const auto& xattr) { return !xattr.first.starts_with("user."); });
}

}  // namespace

Result<UnpackTreeResult> UnpackTree(UnpackTreeOptions options) {
  const NoUmask no_umask;
  LiveTree tree(options.tree);
  EntryWriter writer(tree, {{options.single_id, options.max_id}, options.devices, false});
  FdSource raw(options.input);
  const auto plain = TSC_TRY(OpenDecompressor(raw, kMaxBytes, Formats::kArchive));
  TarReader reader(*plain, {.file_bytes = kMaxBytes});
  UnpackTreeResult result;
  // Also of an archive without any entry.
  TSC_TRY(tree.OpenDir("", Missing::kCreate));
  TarEntry entry;
  while (TSC_TRY(reader.Next(entry))) {
    const auto clean = TSC_TRY(CleanEntryName(entry.name));
    if (!clean.empty() && !TSC_TRY(options.sieve.Takes(clean, KindOf(entry.type)))) continue;
    if (IsDevice(entry.type) && !options.devices) {
      ++result.skipped_devices;
      continue;
    }
    Adjust(options, entry);
    TSC_TRY(writer.Write(entry, reader));
    ++result.entries;
  }
  TSC_TRY(reader.Drain());
  TSC_TRY(tree.Finish());
  result.skipped_devices += writer.skipped_devices();
  result.dropped_xattrs = writer.dropped_xattrs();
  return result;
}

}  // namespace tsc
