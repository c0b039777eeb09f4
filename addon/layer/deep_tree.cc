// SPDX-License-Identifier: Apache-2.0
#include "layer/deep_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "core/paths.h"
#include "core/unique_fd.h"

namespace tsc {
namespace {

constexpr int kLevels = 200;  // of a branch that stay in place; well below any limit of descriptors

UniqueFd OpenDirectory(int dir, const char* name) { return UniqueFd(::openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)); }

// The first directory in `dir` in the order of readdir, which is the one that RemoveTree was in when it failed. Empty: none.
std::string FirstDirectory(int dir) {
  UniqueFd own = OpenDirectory(dir, ".");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr, &::closedir);
  if (!stream) return {};
  own.release();
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") return std::string(name);
  }
  return {};
}

// Moves the directory that is `kLevels` down to the top of the tree.
Status Hoist(int dir, const char* name, unsigned number) {
  const UniqueFd top = OpenDirectory(dir, name);
  if (!top) return Errno("remove tree", name);
  UniqueFd at = OpenDirectory(top.get(), ".");
  for (int level = 0; level < kLevels; ++level) {
    const auto next = FirstDirectory(at.get());
    if (next.empty()) return Fail("remove tree", EMFILE, name);  // nothing is deep here: others hold the descriptors
    if (level == kLevels - 1) {
      const auto up = ".tsc-deep-" + std::to_string(number);
      if (::renameat(at.get(), next.c_str(), top.get(), up.c_str()) != 0) return Errno("remove tree", name);
      return {};
    }
    at = OpenDirectory(at.get(), next.c_str());
    if (!at) return Errno("remove tree", name);
  }
  return {};
}

}  // namespace

Status RemoveDeepTree(int dir, const char* name) {
  for (unsigned number = 0;; ++number) {
    auto removed = RemoveTree(dir, name);
    if (removed || removed.failure().error != EMFILE) return removed;
    TSC_TRY(Hoist(dir, name, number));
  }
}

}  // namespace tsc
