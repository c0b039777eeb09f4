// SPDX-License-Identifier: Apache-2.0
#include "layer/layer_stack.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>

#include <memory>

#include "core/syscalls.h"
#include "layer/entry_name.h"
#include "layer/layer_tree.h"
#include "layer/whiteout.h"

namespace tsc {
namespace {

constexpr int kDirFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr const char kStep[] = "read layers";

Failure Because(int error, const std::string& path) { return Fail(kStep, error, PrintableName(path)); }

bool Exists(int dir, const std::string& leaf) {
  struct stat info {};
  return ::fstatat(dir, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// A marker file says it where the file system has no such device (layer/marker_file.h).
bool HidesBelow(int dir, const std::string& leaf) { return Exists(dir, ".wh." + leaf); }

UniqueFd OpenAnyDirectory(int dir, const std::string& leaf) { return UniqueFd(::openat(dir, leaf.c_str(), kDirFlags)); }

bool IsOpaque(int dir) {
  char value = 0;
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"})
    if (::fgetxattr(dir, name, &value, 1) == 1 && value == 'y') return true;
  return Exists(dir, ".wh..wh..opq");
}

}  // namespace

UniqueFd OpenRealDirectory(int root, const std::string& path) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(kDirFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return UniqueFd(sys::openat2(root, path.empty() ? "." : path.c_str(), how));
}

Result<std::vector<std::string>> ListDirectory(int dir, const std::string& path, const char* step) {
  UniqueFd own(::openat(dir, ".", kDirFlags));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr, &::closedir);
  if (!stream) return Fail(step, errno, PrintableName(path));
  own.release();
  std::vector<std::string> names;
  // Each time: to find memory for a name may fail in one way before it is found in another.
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return Fail(step, errno, PrintableName(path));
  return names;
}

Result<LayerStack::Directory> LayerStack::Root() const {
  Directory root;
  for (std::size_t layer = layers_.size(); layer-- > 0;) {
    Level level{OpenRealDirectory(layers_[layer].root.get(), ""), layer};
    if (!level.fd) return Because(errno, "layer " + std::to_string(layer));
    root.levels.push_back(std::move(level));
  }
  return root;
}

Result<std::optional<LayerStack::Entry>> LayerStack::Find(const Directory& parent, const std::string& leaf) const {
  for (const auto& level : parent.levels) {
    Entry entry{level.fd.get()};
    if (::fstatat(entry.dir, leaf.c_str(), &entry.info, AT_SYMLINK_NOFOLLOW) == 0) {
      const bool device = S_ISCHR(entry.info.st_mode) && !layers_[level.layer].plain;
      if (device && IsWhiteoutDevice(entry.dir, leaf.c_str())) return std::optional<Entry>();
      return std::optional(entry);
    }
    if (errno != ENOENT) return Because(errno, JoinPath(parent.path, leaf));
    if (layers_[level.layer].plain || HidesBelow(entry.dir, leaf)) break;
  }
  return std::optional<Entry>();
}

Result<LayerStack::Directory> LayerStack::Open(const Directory& parent, const std::string& leaf) const {
  Directory directory{JoinPath(parent.path, leaf), {}};
  bool covered = false;
  for (const auto& level : parent.levels) {
    const bool plain = layers_[level.layer].plain;
    Level own{plain ? OpenAnyDirectory(level.fd.get(), leaf) : OpenRealDirectory(level.fd.get(), leaf), level.layer};
    const int error = own.fd ? 0 : errno;
    if (error == ENOTDIR || error == ELOOP) break;  // a file, a link or a whiteout: nothing below it shows
    if (error != 0 && error != ENOENT) return Because(error, directory.path);
    const bool ends = plain || HidesBelow(level.fd.get(), leaf);
    const bool covers = !plain && own.fd && IsOpaque(own.fd.get());
    if (own.fd) (covered ? directory.covered : directory.levels).push_back(std::move(own));
    covered |= covers;
    if (ends) break;
  }
  return directory;
}

Result<std::set<std::string>> LayerStack::Names(const Directory& directory) const {
  std::set<std::string> shown;
  std::set<std::string> hidden;
  for (const auto& level : directory.levels) {
    const bool plain = layers_[level.layer].plain;
    std::set<std::string> hidden_by_this;
    for (auto& leaf : TSC_TRY(ListDirectory(level.fd.get(), directory.path, kStep))) {
      if (plain)
        shown.insert(std::move(leaf));
      else if (HasWhiteoutPrefix(leaf))
        hidden_by_this.insert(leaf.substr(4));
      else if (hidden.contains(leaf) || shown.contains(leaf))
        continue;
      else if (IsWhiteoutDevice(level.fd.get(), leaf.c_str()))
        hidden_by_this.insert(leaf);
      else
        shown.insert(std::move(leaf));
    }
    hidden.merge(hidden_by_this);
  }
  return shown;
}

const LayerStack::Level& LayerStack::Source(const Directory& directory) const {
  for (const auto* levels : {&directory.levels, &directory.covered})
    for (const auto& level : *levels)
      if (!IsImplied(directory, level)) return level;
  return directory.levels.back();
}

}  // namespace tsc
