// SPDX-License-Identifier: Apache-2.0
#include "layer/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "core/syscalls.h"
#include "core/unique_fd.h"
#include "layer/entry_name.h"
#include "layer/raw_source.h"

namespace tsc {
namespace {

constexpr int kMaxLinks = 16;

Failure Because(int error, const std::string& name) { return Fail("extract archive", error, PrintableName(name)); }

Result<std::string> CleanArchiveName(const std::string& name) {
  auto clean = CleanEntryName(name);
  if (!clean) return Because(clean.failure().error, name);
  return clean;
}

// No links exist in the target, and none are followed if somebody makes one.
Result<UniqueFd> OpenBeneath(int root, const std::string& path, int flags, mode_t mode = 0) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(sys::openat2(root, path.empty() ? "." : path.c_str(), how));
  if (!fd) return Because(errno, path);
  return fd;
}

class Extraction {
 public:
  explicit Extraction(const ExtractOptions& options) : options_(options) {}

  Result<ExtractResult> Run() {
    RawSource raw({options_.input, -1, options_.max_plain_bytes, {}});
    const auto plain = TSC_TRY(OpenDecompressor(raw, options_.max_plain_bytes));
    TarReader reader(*plain, options_.limits);
    TarEntry entry;
    while (TSC_TRY(reader.Next(entry))) TSC_TRY(Extract(entry, reader));
    TSC_TRY(reader.Drain());
    TSC_TRY(ResolveLinks());
    result_.compression = plain->compression();
    return result_;
  }

 private:
  Status Extract(const TarEntry& entry, TarReader& reader) {
    const auto name = TSC_TRY(CleanArchiveName(entry.name));
    switch (entry.type) {
      case TarType::kDirectory:
        return MakeDirs(name);
      case TarType::kFile:
        return WriteFile(name, entry, reader);
      case TarType::kHardLink:
        return AddLink(name, entry.link);
      case TarType::kSymlink:
        if (entry.link.starts_with('/')) return Because(EINVAL, entry.name);
        return AddLink(name, SplitEntryName(name).parent + "/" + entry.link);
      default:
        return Because(EINVAL, entry.name);
    }
  }

  Status AddLink(const std::string& name, const std::string& target) {
    if (name.empty()) return Because(EINVAL, name);
    links_[name] = TSC_TRY(CleanArchiveName(target));
    if (links_[name].empty()) return Because(EINVAL, name);
    return {};
  }

  Status MakeDirs(const std::string& path) {
    for (std::size_t end = 0; end < path.size();) {
      end = std::min(path.find('/', end + 1), path.size());
      const auto part = SplitEntryName(path.substr(0, end));
      const auto parent = TSC_TRY(OpenBeneath(options_.target, part.parent, O_RDONLY | O_DIRECTORY));
      if (::mkdirat(parent.get(), part.leaf.c_str(), 0755) != 0 && errno != EEXIST) return Because(errno, path);
    }
    return {};
  }

  // Of two entries with one name the last one counts, as everywhere in tar.
  Status WriteFile(const std::string& name, const TarEntry& entry, TarReader& reader) {
    if (name.empty()) return Because(EINVAL, entry.name);
    links_.erase(name);
    const auto split = SplitEntryName(name);
    TSC_TRY(MakeDirs(split.parent));
    const auto parent = TSC_TRY(OpenBeneath(options_.target, split.parent, O_RDONLY | O_DIRECTORY));
    if (::unlinkat(parent.get(), split.leaf.c_str(), 0) != 0 && errno != ENOENT) return Because(errno, name);
    const auto file = TSC_TRY(OpenBeneath(parent.get(), split.leaf, O_WRONLY | O_CREAT | O_EXCL, 0644));
    ++result_.files;
    result_.plain_size += entry.size;
    if (entry.sparse) return Because(EINVAL, entry.name);
    return CopyData(file.get(), name, reader);
  }

  static Status CopyData(int file, const std::string& name, TarReader& reader) {
    for (;;) {
      std::string_view bytes = TSC_TRY(reader.Read()).bytes;
      if (bytes.empty()) return {};
      while (!bytes.empty()) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return Because(errno, name);
        bytes.remove_prefix(static_cast<std::size_t>(n));
      }
    }
  }

  Status ResolveLinks() {
    for (const auto& [name, first] : links_) {
      std::string target = first;
      int steps = 0;
      for (auto next = links_.find(target); next != links_.end(); next = links_.find(target)) {
        if (++steps > kMaxLinks) return Because(ELOOP, name);
        target = next->second;
      }
      TSC_TRY(LinkFile(name, target));
    }
    return {};
  }

  Status LinkFile(const std::string& name, const std::string& target) {
    const auto from = SplitEntryName(target);
    const auto to = SplitEntryName(name);
    TSC_TRY(MakeDirs(to.parent));
    const auto source = TSC_TRY(OpenBeneath(options_.target, from.parent, O_RDONLY | O_DIRECTORY));
    const auto parent = TSC_TRY(OpenBeneath(options_.target, to.parent, O_RDONLY | O_DIRECTORY));
    struct stat info {};
    if (::fstatat(source.get(), from.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Because(errno, name);
    if (!S_ISREG(info.st_mode)) return Because(EINVAL, name);
    if (::unlinkat(parent.get(), to.leaf.c_str(), 0) != 0 && errno != ENOENT) return Because(errno, name);
    if (::linkat(source.get(), from.leaf.c_str(), parent.get(), to.leaf.c_str(), 0) != 0) return Because(errno, name);
    return {};
  }

  const ExtractOptions& options_;
  std::map<std::string, std::string> links_;  // name → what it leads to
  ExtractResult result_;
};

}  // namespace

Result<ExtractResult> ExtractArchive(const ExtractOptions& options) { return Extraction(options).Run(); }

}  // namespace tsc
