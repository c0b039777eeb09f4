// SPDX-License-Identifier: Apache-2.0
#include "command/pid_file.h"

#include <fcntl.h>

#include "core/paths.h"

namespace tsc {

Status WritePidFile(const std::string& path, pid_t pid) {
  const auto slash = path.rfind('/');
  const auto directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const auto name = slash == std::string::npos ? path : path.substr(slash + 1);
  const UniqueFd opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return Errno("open", directory);
  return WriteFileAtomic(opened.get(), name.c_str(), std::to_string(pid), 0644);
}

}  // namespace tsc
