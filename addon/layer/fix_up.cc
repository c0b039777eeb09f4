// SPDX-License-Identifier: Apache-2.0
#include "layer/fix_up.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>

#include "layer/copy_metadata.h"
#include "layer/entry_name.h"
#include "layer/no_umask.h"
#include "layer/tree_xattrs.h"

namespace tsc {
namespace {

Failure Because(int error, const std::string& path) { return Fail("fix up layers", error, PrintableName(path)); }

Result<FileMetadata> Describe(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return Because(errno, path);
  FileMetadata metadata;
  metadata.owner = {info.st_uid, info.st_gid};
  metadata.mode = info.st_mode & 07777;
  metadata.mtime = info.st_mtim;
  metadata.xattrs = TSC_TRY(ReadXattrs(fd, 0)).kept;
  return metadata;
}

class FixUp {
 public:
  explicit FixUp(const FixUpOptions& options) : options_(options) {}

  Result<std::uint64_t> Run() {
    for (const auto& path : options_.implied) TSC_TRY(Look(path));
    // Parents come first in this order; what a directory is like is set when everything in it is there.
    for (const auto& [path, metadata] : directories_)
      if (::mkdirat(options_.target, path.c_str(), 0700) != 0) return Because(errno, path);
    for (auto entry = directories_.rbegin(); entry != directories_.rend(); ++entry) TSC_TRY(Finish(entry->first, entry->second));
    return fixed_;
  }

 private:
  // Whether the stack shows the directory as one of its layers merely implied it, and what it should show.
  Status Look(const std::string& path) {
    if (path.empty()) return {};  // overlayfs shows the root as it is in the upper directory
    std::map<std::string, FileMetadata> way;
    auto at = TSC_TRY(options_.layers.Root());
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      at = TSC_TRY(options_.layers.Open(at, path.substr(begin, end - begin)));
      if (at.levels.empty()) return {};  // a layer above removed it
      way[at.path] = TSC_TRY(Describe(options_.layers.Source(at).fd.get(), at.path));
      begin = end + 1;
    }
    const auto& top = at.levels.front();
    const auto& source = options_.layers.Source(at);
    if (&top == &source || options_.layers.IsImplied(at, source)) return {};  // it is explicit, or nobody says anything
    ++fixed_;
    directories_.merge(way);
    return {};
  }

  Status Finish(const std::string& path, const FileMetadata& metadata) {
    const UniqueFd dir = OpenRealDirectory(options_.target, path);
    if (!dir) return Because(errno, path);
    std::uint64_t dropped = 0;
    const auto applied = ApplyMetadata(dir.get(), metadata, dropped);
    return applied ? Status{} : Status(Because(applied.failure().error, path));
  }

  const FixUpOptions& options_;
  NoUmask no_umask_;
  std::map<std::string, FileMetadata> directories_;
  std::uint64_t fixed_ = 0;
};

}  // namespace

Result<std::uint64_t> MakeFixUp(const FixUpOptions& options) { return FixUp(options).Run(); }

}  // namespace tsc
