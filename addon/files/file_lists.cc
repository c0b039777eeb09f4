// SPDX-License-Identifier: Apache-2.0
#include "files/file_lists.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <utility>
#include <vector>

#include "core/paths.h"
#include "layer/entry_sieve.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxEntries = 4'000'000;
constexpr std::size_t kMaxDepth = 512;  // a descriptor each

using Entries = std::vector<std::pair<std::string, char>>;

char KindOfEntry(int dir, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return KindOf(static_cast<mode_t>(DTTOIF(entry.d_type)));
  struct stat info {};
  return ::fstatat(dir, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? KindOf(info.st_mode) : 'f';
}

Status List(UniqueFd dir, const std::string& path, const std::string& prefix, bool recursive, std::size_t depth, Entries* entries) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(dir.get()), &::closedir);
  if (!stream) return Errno("read directory", path);
  const int fd = dir.release();
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string leaf = entry->d_name;
    if (leaf == "." || leaf == "..") continue;
    if (entries->size() >= kMaxEntries) return Fail("read directory", EOVERFLOW, path);
    const char kind = KindOfEntry(fd, *entry);
    entries->emplace_back(prefix + leaf, kind);
    if (!recursive || kind != 'd') continue;
    if (depth >= kMaxDepth) return Fail("read directory", ENAMETOOLONG, path);
    UniqueFd next(::openat(fd, leaf.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue;
    if (!next) return Errno("read directory", path);
    TSC_TRY(List(std::move(next), path, prefix + leaf + "/", recursive, depth + 1, entries));
  }
  if (errno != 0) return Errno("read directory", path);
  return {};
}

}  // namespace

Result<Json> ListFiles(const FileRoot& root, const std::string& path, bool recursive) {
  auto dir = OpenInRoot(root.root.get(), path, O_RDONLY | O_DIRECTORY);
  if (!dir) return Fail("read directory", dir.failure().error, path);
  Entries entries;
  TSC_TRY(List(std::move(*dir), path, "", recursive, 0, &entries));
  std::sort(entries.begin(), entries.end());
  Json list = Json::array();
  for (auto& [name, kind] : entries) list.push_back({std::move(name), std::string(1, kind)});
  return Json{{"entries", std::move(list)}};
}

Result<std::string> RealPathOf(const FileRoot& root, const UniqueFd& fd, const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(root.descriptors.get(), DescriptorName(fd).c_str(), target, sizeof target);
  if (length < 0) return Errno("resolve path", path);
  return std::string(target, static_cast<std::size_t>(length));
}

}  // namespace tsc
