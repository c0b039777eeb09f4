// SPDX-License-Identifier: Apache-2.0
#include "build/archive_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer/byte_source.h"
#include "layer/entry_name.h"
#include "layer/entry_writer.h"
#include "layer/inflate.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 256 << 10;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxProbe = 1 << 20;  // a first entry with all its PAX records
constexpr std::size_t kMaxCached = 64;

// Reads without moving the file's own position.
class FileSource : public ByteSource {
 public:
  explicit FileSource(int fd) : fd_(fd), buffer_(new char[kBuffer]) {}
  Result<std::string_view> Next() override {
    ssize_t n;
    do n = ::pread(fd_, buffer_.get(), kBuffer, static_cast<off_t>(at_));
    while (n < 0 && errno == EINTR);
    if (n < 0) return Errno("read source", "archive");
    at_ += static_cast<std::uint64_t>(n);
    return std::string_view(buffer_.get(), static_cast<std::size_t>(n));
  }

 private:
  int fd_;
  std::uint64_t at_ = 0;
  std::unique_ptr<char[]> buffer_;
};

class ArchiveTree : public EntryTree {
 public:
  ArchiveTree(LayerBuilder& layer, const ArchiveOptions& options) : layer_(layer), options_(options) {}

  Result<TreeDirRef> OpenDir(const std::string& clean, Missing) override {
    if (const auto found = opened_.find(clean); found != opened_.end()) return found->second;
    const auto dir = TSC_TRY(layer_.OpenBelow(options_.destination, clean, options_.made));
    auto opened = TSC_TRY(Hold(dir, true));
    if (opened_.size() >= kMaxCached) opened_.clear();
    opened_[clean] = opened;
    return opened;
  }

  Result<TreeDirRef> MakeDir(const TreeDir& parent, const std::string& leaf, mode_t mode) override {
    const auto dir = TSC_TRY(layer_.Enter(*TSC_TRY(layer_.OpenPath(parent.path, options_.made)), leaf, options_.made));
    if (::fchmod(dir->fd.get(), mode & 0777) != 0) return Fail("write layer", errno, PrintableName(dir->path));
    return Hold(dir, false);
  }

  Status Remove(const TreeDir& parent, const std::string& leaf) override {
    return layer_.MakeRoom(*TSC_TRY(layer_.OpenPath(parent.path, options_.made)), leaf);
  }

  Status MarkOpaque(const TreeDir&) override { return {}; }  // markers mean nothing here

  Status Defer(const TreeDir& dir, LateMetadata late) override {
    struct stat info {};
    if (::fstat(dir.fd.get(), &info) != 0) return Fail("write layer", errno, PrintableName(dir.path));
    const mode_t mode = late.mode != 0 ? late.mode : info.st_mode & 07777;
    layer_.Describe(dir.path, {{info.st_uid, info.st_gid}, mode, late.mtime, std::move(late.xattrs)});
    return {};
  }

 private:
  static Result<TreeDirRef> Hold(const BuiltDirRef& dir, bool kept) {
    auto held = std::make_shared<TreeDir>();
    held->fd = UniqueFd(::openat(dir->fd.get(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!held->fd) return Errno("write layer", PrintableName(dir->path));
    held->path = dir->path;
    held->kept = kept;
    return TreeDirRef(std::move(held));
  }

  LayerBuilder& layer_;
  const ArchiveOptions& options_;
  std::map<std::string, TreeDirRef> opened_;
};

void Adjust(const ArchiveOptions& options, TarEntry& entry) {
  entry.mtime.tv_nsec = 0;
  if (options.owner) {
    entry.uid = options.owner->uid;
    entry.gid = options.owner->gid;
  }
  if (options.max_mtime && entry.mtime.tv_sec > *options.max_mtime) entry.mtime.tv_sec = *options.max_mtime;
}

}  // namespace

Result<bool> IsArchive(int file) {
  FileSource raw(file);
  const auto plain = OpenDecompressor(raw, kMaxProbe, Formats::kArchive);
  if (!plain) return false;
  TarReader reader(**plain, {.file_bytes = kMaxBytes});
  TarEntry entry;
  const auto first = reader.Next(entry);
  return first.ok() && *first;
}

Result<UnpackedArchive> UnpackIntoLayer(const ArchiveOptions& options, LayerBuilder& layer) {
  ArchiveTree tree(layer, options);
  EntryWriter writer(tree, {{options.single_id}, options.devices, false});
  FileSource raw(options.input);
  const auto plain = TSC_TRY(OpenDecompressor(raw, kMaxBytes, Formats::kArchive));
  TarReader reader(*plain, {.file_bytes = kMaxBytes});
  TarEntry entry;
  while (TSC_TRY(reader.Next(entry))) {
    Adjust(options, entry);
    TSC_TRY(writer.Write(entry, reader));
  }
  TSC_TRY(reader.Drain());
  return UnpackedArchive{writer.skipped_devices(), writer.dropped_xattrs()};
}

}  // namespace tsc
