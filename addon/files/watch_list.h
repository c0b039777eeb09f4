// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// The directories that inotify(7) watches for us, by what their paths were.
class WatchList {
 public:
  explicit WatchList(int inotify) : inotify_(inotify) {}

  // What was found in a directory that came to be watched: it was made before anybody watched.
  struct Found {
    std::string path;
    bool directory = false;
  };

  // One that is open, and with `recursive` those in it. `found` gets what is in them, if wanted.
  Status Add(UniqueFd dir, const std::string& path, bool recursive, std::vector<Found>* found);
  // The only one, a file.
  Status AddFile(int descriptors, const std::string& name, const std::string& path);

  // Its path; null where that is not watched (any more).
  const std::string* PathOf(int watch) const;
  void Forget(int watch) { paths_.erase(watch); }
  // A directory has another path now, and with it all below it.
  void Move(const std::string& from, const std::string& to);
  // It went where nobody watches.
  void Drop(const std::string& path);
  bool empty() const { return paths_.empty(); }

  // Whether it was told of when its directory was looked through: the kernel's own word for it comes later.
  bool WasFound(const std::string& path) { return told_.erase(path) > 0; }

 private:
  Status AddAt(UniqueFd dir, const std::string& path, bool recursive, std::size_t depth, std::vector<Found>* found);

  int inotify_;
  std::map<int, std::string> paths_;
  std::set<std::string> told_;
};

}  // namespace tsc
