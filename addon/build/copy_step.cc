// SPDX-License-Identifier: Apache-2.0
#include "build/copy_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/archive_step.h"
#include "build/copy_owner.h"
#include "build/source_digest.h"
#include "layer/copy_data.h"
#include "layer/entry_name.h"
#include "layer/tree_xattrs.h"

namespace tsc {
namespace {

Failure Because(int error, const std::string& path) { return Fail("write layer", error, PrintableName(path)); }
Failure Changed(const std::string& name) { return Fail("read source", ESTALE, PrintableName(name)); }

class CopyStep : public SourceVisitor {
 public:
  CopyStep(const LayerStack& source, const CopyOptions& options, DigestMemo& memo, LayerBuilder& layer)
      : source_(source), options_(options), digest_(source, memo, options.owners), layer_(layer) {}

  Result<CopyStepResult> Run() {
    if (!options_.owner.empty()) owner_ = TSC_TRY(FindOwner(layer_.below(), options_.owner));
    made_ = {owner_.value_or(Owner{}), options_.mode ? options_.mode->ForMade() : 0755, Clamped(options_.made), {}};
    const auto& destination = options_.destination;
    into_ = destination.empty() || destination.ends_with('/') || destination.ends_with("/.") || options_.selection.parents;
    TSC_TRY(WalkSources(source_, options_.selection, *this));
    result_.digest = digest_.Digest();
    result_.entries = digest_.entries();
    result_.bytes = digest_.bytes();
    if (!options_.expected.empty() && options_.expected != result_.digest) return Changed(options_.selection.sources.front());
    return std::move(result_);
  }

  Status Begin(const FoundSource& source) override {
    TSC_TRY(digest_.Begin(source));
    single_ = !source.directory;
    open_.clear();
    rename_.clear();
    // Where archives go is known when it is known whether there is one.
    return source.directory || (into_ && !options_.unpack) ? OpenBase() : Status{};
  }

  Status Take(const SourceItem& item) override {
    if (S_ISREG(item.info.st_mode)) return TakeFile(item);
    if (single_ && open_.empty()) TSC_TRY(OpenPlace());
    const auto dir = TSC_TRY(DirOf(item));
    if (S_ISLNK(item.info.st_mode)) return TakeSymlink(item, dir);
    TSC_TRY(digest_.Take(item));
    if (item.directory != nullptr) return TakeDirectory(item, dir);
    return TakeNode(item, dir);
  }

 private:
  struct Open {
    std::string name;  // below the destination
    BuiltDirRef dir;
  };

  // The first copy of a file with several names.
  struct Copied {
    std::string path;
    ino_t inode = 0;
  };

  Status OpenBase() {
    open_.push_back({"", TSC_TRY(layer_.OpenPath(options_.destination, made_))});
    into_ = true;
    return {};
  }

  // Of a file that is copied to a name: which directory that is in, unless it is one itself.
  Status OpenPlace() {
    const auto place = TSC_TRY(FindInStack(layer_.seen(), options_.destination));
    if (into_ || place.is_directory()) return OpenBase();
    const auto split = SplitEntryName(place.path());
    open_.push_back({"", TSC_TRY(layer_.OpenPath(split.parent, made_))});
    rename_ = split.leaf;
    return {};
  }

  std::string LeafOf(const SourceItem& item) const { return rename_.empty() ? SplitEntryName(item.name).leaf : rename_; }

  // Items come with what they are in before them.
  Result<BuiltDirRef> DirOf(const SourceItem& item) {
    const auto parent = rename_.empty() ? SplitEntryName(item.name).parent : std::string();
    while (open_.size() > 1 && open_.back().name != parent) open_.pop_back();
    if (open_.back().name != parent) return Because(ENOENT, item.name);
    return open_.back().dir;
  }

  Result<FileMetadata> MetadataOf(const SourceItem& item, const struct stat& info, int fd) const {
    FileMetadata metadata;
    if (options_.owners) metadata.owner = {info.st_uid, info.st_gid};
    if (owner_) metadata.owner = *owner_;
    metadata.mode = options_.mode ? options_.mode->Apply(info.st_mode & 07777, S_ISDIR(info.st_mode)) : info.st_mode & 07777;
    metadata.mtime = Clamped(info.st_mtim);
    if (fd < 0) return metadata;
    auto xattrs = ReadXattrs(fd, 0);
    if (!xattrs) return Because(xattrs.failure().error, item.name);
    metadata.xattrs = std::move(xattrs->kept);
    return metadata;
  }

  // Archives have whole seconds, and a layer is to be the same from an archive.
  timespec Clamped(timespec time) const {
    time.tv_nsec = 0;
    if (options_.max_mtime && time.tv_sec > *options_.max_mtime) time.tv_sec = *options_.max_mtime;
    return time;
  }

  Status TakeDirectory(const SourceItem& item, const BuiltDirRef& parent) {
    const auto metadata = TSC_TRY(MetadataOf(item, item.info, source_.Source(*item.directory).fd.get()));
    open_.push_back({item.name, TSC_TRY(layer_.Enter(*parent, LeafOf(item), metadata))});
    return {};
  }

  Status TakeFile(const SourceItem& item) {
    const auto file = OpenSourceFile(item);
    if (!file) return Fail("read source", errno, PrintableName(item.name));
    struct stat info {};
    TSC_TRY(digest_.TakeFile(item, file.get(), &info));
    if (options_.unpack && single_ && TSC_TRY(IsArchive(file.get()))) return Unpack(item, file.get(), info);
    if (single_ && open_.empty()) TSC_TRY(OpenPlace());
    const auto dir = TSC_TRY(DirOf(item));
    const auto leaf = LeafOf(item);
    const auto path = JoinPath(dir->path, leaf);
    TSC_TRY(layer_.MakeRoom(*dir, leaf));
    if (info.st_nlink > 1 && TSC_TRY(LinkKnown(info, *dir, leaf, path))) return {};
    const UniqueFd to(::openat(dir->fd.get(), leaf.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to) return Because(errno, path);
    const auto copied =
        data_.Copy(file.get(), to.get(), static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_blocks));
    if (!copied) return copied.failure().error == ESTALE ? Changed(item.name) : Because(copied.failure().error, path);
    const auto metadata = TSC_TRY(MetadataOf(item, info, file.get()));
    TSC_TRY(CheckUnchanged(item, file.get(), info));
    if (info.st_nlink > 1) TSC_TRY(RememberLink(info, to.get(), path));
    return Apply(to.get(), metadata, path);
  }

  Status CheckUnchanged(const SourceItem& item, int file, const struct stat& before) const {
    struct stat after {};
    if (::fstat(file, &after) != 0) return Fail("read source", errno, PrintableName(item.name));
    return SameState(before, after) ? Status{} : Status(Changed(item.name));
  }

  Status Unpack(const SourceItem& item, int file, const struct stat& info) {
    auto made = made_;
    made.mode = 0755;  // whatever `--chmod` says: it is about no archive
    const auto base = open_.empty() ? TSC_TRY(layer_.OpenPath(options_.destination, made)) : open_.front().dir;
    made.owner = {};
    const ArchiveOptions archive{file, base->path, made, owner_, options_.devices, options_.single_id, options_.max_mtime};
    const auto unpacked = TSC_TRY(UnpackIntoLayer(archive, layer_));
    result_.skipped_devices += unpacked.skipped_devices;
    result_.dropped_xattrs += unpacked.dropped_xattrs;
    return CheckUnchanged(item, file, info);
  }

  // The same file under another name is the same file in the layer. Its owner and mode are what the first name's became.
  Result<bool> LinkKnown(const struct stat& info, const BuiltDir& dir, const std::string& leaf, const std::string& path) {
    const auto known = links_.find({info.st_dev, info.st_ino});
    if (known == links_.end()) return false;
    const auto split = SplitEntryName(known->second.path);
    const auto from = TSC_TRY(layer_.OpenPath(split.parent, made_));
    struct stat now {};
    // It may have been replaced since.
    if (::fstatat(from->fd.get(), split.leaf.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0 || now.st_ino != known->second.inode) return false;
    if (::linkat(from->fd.get(), split.leaf.c_str(), dir.fd.get(), leaf.c_str(), 0) == 0) return true;
    return errno == EMLINK ? Result<bool>(false) : Because(errno, path);
  }

  Status RememberLink(const struct stat& info, int copy, const std::string& path) {
    struct stat made {};
    if (::fstat(copy, &made) != 0) return Because(errno, path);
    links_[{info.st_dev, info.st_ino}] = {path, made.st_ino};
    return {};
  }

  Status Apply(int fd, const FileMetadata& metadata, const std::string& path) {
    const auto applied = ApplyMetadata(fd, metadata, result_.dropped_xattrs);
    return applied ? Status{} : Status(Because(applied.failure().error, path));
  }

  Status TakeSymlink(const SourceItem& item, const BuiltDirRef& dir) {
    const auto target = TSC_TRY(ReadSourceLink(item));
    TSC_TRY(digest_.TakeLink(item, target));
    const auto leaf = LeafOf(item);
    TSC_TRY(layer_.MakeRoom(*dir, leaf));
    if (::symlinkat(target.c_str(), dir->fd.get(), leaf.c_str()) != 0) return Because(errno, JoinPath(dir->path, leaf));
    return FinishUnopened(item, *dir, leaf);
  }

  Status TakeNode(const SourceItem& item, const BuiltDirRef& dir) {
    const auto leaf = LeafOf(item);
    if (!S_ISFIFO(item.info.st_mode) && !options_.devices) {
      ++result_.skipped_devices;
      return {};
    }
    TSC_TRY(layer_.MakeRoom(*dir, leaf));
    const bool forged = S_ISCHR(item.info.st_mode) && item.info.st_rdev == 0;  // it would hide what is below
    if (forged) return Because(EINVAL, item.name);
    if (::mknodat(dir->fd.get(), leaf.c_str(), item.info.st_mode & (S_IFMT | 0777), item.info.st_rdev) != 0)
      return Because(errno, JoinPath(dir->path, leaf));
    return FinishUnopened(item, *dir, leaf);
  }

  Status FinishUnopened(const SourceItem& item, const BuiltDir& dir, const std::string& leaf) {
    const auto metadata = TSC_TRY(MetadataOf(item, item.info, -1));
    const auto path = JoinPath(dir.path, leaf);
    const int fd = dir.fd.get();
    if (::fchownat(fd, leaf.c_str(), metadata.owner.uid, metadata.owner.gid, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, path);
    if (!S_ISLNK(item.info.st_mode) && ::fchmodat(fd, leaf.c_str(), metadata.mode, 0) != 0) return Because(errno, path);
    const timespec times[2] = {metadata.mtime, metadata.mtime};
    if (::utimensat(fd, leaf.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, path);
    return {};
  }

  const LayerStack& source_;
  const CopyOptions& options_;
  SourceDigest digest_;
  LayerBuilder& layer_;
  CopyStepResult result_;
  std::optional<Owner> owner_;
  FileMetadata made_;
  bool into_ = false;    // the destination is a directory
  bool single_ = false;  // the source is no directory
  std::string rename_;   // what it is called then
  std::vector<Open> open_;
  std::map<std::pair<dev_t, ino_t>, Copied> links_;
  DataCopier data_;
};

}  // namespace

Result<CopyStepResult> CopyIntoLayer(const LayerStack& source, const CopyOptions& options, DigestMemo& memo, LayerBuilder& layer) {
  return CopyStep(source, options, memo, layer).Run();
}

}  // namespace tsc
