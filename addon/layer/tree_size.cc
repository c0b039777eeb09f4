// SPDX-License-Identifier: Apache-2.0
#include "layer/tree_size.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>
#include <string>
#include <vector>

#include "layer/layer_stack.h"

namespace tsc {

Result<TreeSize> MeasureTree(int root) {
  constexpr std::uint64_t kStatBlock = 512;
  TreeSize size;
  std::set<ino_t> seen;
  std::vector<std::string> todo = {""};
  while (!todo.empty()) {
    const std::string path = std::move(todo.back());
    todo.pop_back();
    const UniqueFd dir = OpenRealDirectory(root, path);
    // Gone, or so deep that no path reaches it.
    if (!dir && (errno == ENOENT || errno == EXDEV || errno == ENAMETOOLONG)) continue;
    if (!dir) return Errno("measure tree", path);
    for (const auto& leaf : TSC_TRY(ListDirectory(dir.get(), path, "measure tree"))) {
      struct stat info {};
      if (::fstatat(dir.get(), leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
      ++size.entries;
      if (S_ISDIR(info.st_mode)) todo.push_back(JoinPath(path, leaf));
      if (!S_ISDIR(info.st_mode) && info.st_nlink > 1 && !seen.insert(info.st_ino).second) continue;
      size.bytes += static_cast<std::uint64_t>(info.st_blocks) * kStatBlock;
    }
  }
  return size;
}

}  // namespace tsc
