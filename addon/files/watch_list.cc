// SPDX-License-Identifier: Apache-2.0
#include "files/watch_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <memory>

namespace tsc {
namespace {

constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kMaxTold = 65'536;
constexpr unsigned kEvents =
    IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK;

bool Gone(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP; }

bool IsBelow(const std::string& path, const std::string& directory) { return path == directory || path.starts_with(directory + "/"); }

}  // namespace

Status WatchList::Add(UniqueFd dir, const std::string& path, bool recursive, std::vector<Found>* found) {
  return AddAt(std::move(dir), path, recursive, 0, found);
}

// By the current directory, since inotify takes no descriptor.
Status WatchList::AddAt(UniqueFd dir, const std::string& path, bool recursive, std::size_t depth, std::vector<Found>* found) {
  if (depth >= kMaxDepth) return Fail("watch file", ENAMETOOLONG, path);
  if (::fchdir(dir.get()) != 0) return Errno("watch file", path);
  const int watch = ::inotify_add_watch(inotify_, ".", kEvents | IN_ONLYDIR);
  if (watch < 0) return Gone(errno) ? Status{} : Status(Errno("watch file", path));
  paths_[watch] = path;
  if (!recursive && !found) return {};
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(dir.get()), &::closedir);
  if (!stream) return Errno("watch file", path);
  const int fd = dir.release();
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string leaf = entry->d_name;
    if (leaf == "." || leaf == "..") continue;
    const bool directory = entry->d_type == DT_DIR;
    const auto child = (path == "/" ? "" : path) + "/" + leaf;
    if (found) {
      found->push_back({child, directory});
      if (told_.size() < kMaxTold) told_.insert(child);
    }
    if (!directory || !recursive) continue;
    UniqueFd next(::openat(fd, leaf.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && Gone(errno)) continue;
    if (!next) return Errno("watch file", child);
    TSC_TRY(AddAt(std::move(next), child, recursive, depth + 1, found));
  }
  if (errno != 0 && !Gone(errno)) return Errno("watch file", path);
  return {};
}

Status WatchList::AddFile(int descriptors, const std::string& name, const std::string& path) {
  if (::fchdir(descriptors) != 0) return Errno("watch file", path);
  const int watch = ::inotify_add_watch(inotify_, name.c_str(), kEvents);
  if (watch < 0) return Errno("watch file", path);
  paths_[watch] = path;
  return {};
}

const std::string* WatchList::PathOf(int watch) const {
  const auto found = paths_.find(watch);
  return found == paths_.end() ? nullptr : &found->second;
}

void WatchList::Move(const std::string& from, const std::string& to) {
  for (auto& [watch, path] : paths_)
    if (IsBelow(path, from)) path.replace(0, from.size(), to);
}

void WatchList::Drop(const std::string& path) {
  for (auto at = paths_.begin(); at != paths_.end();) {
    const auto next = std::next(at);
    if (IsBelow(at->second, path)) {
      ::inotify_rm_watch(inotify_, at->first);
      paths_.erase(at);
    }
    at = next;
  }
}

}  // namespace tsc
