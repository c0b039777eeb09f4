// SPDX-License-Identifier: Apache-2.0
#include "supervisor/directory_names.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>

#include "core/unique_fd.h"

namespace tsc {

Result<std::vector<std::string>> NamesIn(int parent, const char* path) {
  std::vector<std::string> names;
  UniqueFd fd(::openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fd ? ::fdopendir(fd.get()) : nullptr, &::closedir);
  if (!dir) return Errno("list", path);
  fd.release();
  for (errno = 0; const dirent* entry = ::readdir(dir.get()); errno = 0) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return Errno("list", path);
  return names;
}

bool IsOfTheMoment(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO:
    case EINTR:
    case EAGAIN:
    case EPERM:
    case EACCES:
    case ENOSPC:
      return true;
    default:
      return false;
  }
}

}  // namespace tsc
