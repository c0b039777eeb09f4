// SPDX-License-Identifier: Apache-2.0
#include "build/layer_builder.h"

#include <fcntl.h>
#include <unistd.h>

#include "layer/entry_name.h"
#include "layer/tree_xattrs.h"

namespace tsc {
namespace {

Failure Because(int error, const std::string& path) { return Fail("write layer", error, PrintableName(path)); }

std::vector<StackLayer> WithTop(std::vector<StackLayer> layers, int root) {
  layers.push_back({OpenRealDirectory(root, "")});
  return layers;
}

}  // namespace

LayerBuilder::LayerBuilder(int root, std::vector<StackLayer> layers, std::vector<StackLayer> again)
    : root_(root), below_(std::move(layers)), seen_(WithTop(std::move(again), root)) {}

Result<BuiltDirRef> LayerBuilder::Root() const {
  auto dir = std::make_shared<BuiltDir>();
  dir->fd = OpenRealDirectory(root_, "");
  if (!dir->fd) return Because(errno, "");
  dir->below = std::make_shared<LayerStack::Directory>(TSC_TRY(below_.Root()));
  return BuiltDirRef(std::move(dir));
}

Result<BuiltDirRef> LayerBuilder::OpenPath(const std::string& path, const FileMetadata& made) {
  return OpenPlace(TSC_TRY(FindInStack(seen_, path)), path, made);
}

Result<BuiltDirRef> LayerBuilder::OpenBelow(const std::string& root, const std::string& path, const FileMetadata& made) {
  return OpenPlace(TSC_TRY(FindBelow(seen_, root, path)), path, made);
}

Result<BuiltDirRef> LayerBuilder::OpenPlace(const StackPlace& place, const std::string& path, const FileMetadata& made) {
  if (!place.leaf.empty()) return Because(ENOTDIR, path);
  auto at = TSC_TRY(Root());
  for (const auto& part : CleanParts(place.path())) at = TSC_TRY(Enter(*at, part, made));
  return at;
}

Result<FileMetadata> LayerBuilder::MetadataBelow(const LayerStack::Directory& directory) const {
  const int fd = below_.Source(directory).fd.get();
  struct stat info {};
  if (::fstat(fd, &info) != 0) return Because(errno, directory.path);
  auto xattrs = TSC_TRY(ReadXattrs(fd, 0));
  return FileMetadata{{info.st_uid, info.st_gid}, info.st_mode & 07777, info.st_mtim, std::move(xattrs.kept)};
}

Result<BuiltDirRef> LayerBuilder::Enter(const BuiltDir& parent, const std::string& leaf, const FileMetadata& made, bool* fresh) {
  auto dir = std::make_shared<BuiltDir>();
  dir->path = JoinPath(parent.path, leaf);
  if (fresh != nullptr) *fresh = false;
  const bool first = ::mkdirat(parent.fd.get(), leaf.c_str(), 0700) == 0;
  if (!first && errno != EEXIST) return Because(errno, dir->path);
  dir->fd = OpenRealDirectory(parent.fd.get(), leaf);
  if (!dir->fd) return Because(errno == ELOOP ? ENOTDIR : errno, dir->path);
  const auto found = parent.below ? TSC_TRY(below_.Find(*parent.below, leaf)) : std::optional<LayerStack::Entry>();
  if (found && !S_ISDIR(found->info.st_mode)) return Because(ENOTDIR, dir->path);
  if (found) dir->below = std::make_shared<LayerStack::Directory>(TSC_TRY(below_.Open(*parent.below, leaf)));
  if (first) late_[dir->path] = found ? TSC_TRY(MetadataBelow(*dir->below)) : made;
  if (fresh != nullptr) *fresh = first && !found;
  return BuiltDirRef(std::move(dir));
}

Status LayerBuilder::MakeRoom(const BuiltDir& parent, const std::string& leaf) {
  const auto path = JoinPath(parent.path, leaf);
  if (::unlinkat(parent.fd.get(), leaf.c_str(), 0) != 0 && errno != ENOENT) return Because(errno, path);
  const auto found = parent.below ? TSC_TRY(below_.Find(*parent.below, leaf)) : std::optional<LayerStack::Entry>();
  return found && S_ISDIR(found->info.st_mode) ? Status(Because(EISDIR, path)) : Status{};
}

Status LayerBuilder::Finish() {
  for (auto entry = late_.rbegin(); entry != late_.rend(); ++entry) {
    const UniqueFd dir = OpenRealDirectory(root_, entry->first);
    std::uint64_t dropped = 0;
    const auto applied = dir ? ApplyMetadata(dir.get(), entry->second, dropped) : Status(Errno("open"));
    if (!applied) return Because(applied.failure().error, entry->first);
  }
  return {};
}

}  // namespace tsc
