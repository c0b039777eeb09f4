// SPDX-License-Identifier: Apache-2.0
#include "command/caller.h"

#include <fcntl.h>
#include <unistd.h>

#include <climits>

#include "core/paths.h"

namespace tsc {

bool IsHostsRoot() {
  const auto map = ReadFileAt(AT_FDCWD, "/proc/self/uid_map", 4096);
  return ::geteuid() == 0 && map.ok() && map->find("4294967295") != std::string::npos;
}

std::string AbsolutePath(const std::string& path) {
  char directory[PATH_MAX];
  if (path.empty() || path[0] == '/' || !::getcwd(directory, sizeof directory)) return path;
  return std::string(directory) + "/" + path;
}

}  // namespace tsc
