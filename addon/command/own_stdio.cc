// SPDX-License-Identifier: Apache-2.0
#include "command/own_stdio.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

namespace tsc {

Result<Stdio> OwnStdio(unsigned preserved) {
  Stdio stdio;
  UniqueFd* const all[] = {&stdio.in, &stdio.out, &stdio.err};
  for (int fd = 0; fd < 3; ++fd) {
    all[fd]->reset(::fcntl(fd, F_DUPFD_CLOEXEC, static_cast<int>(3 + preserved)));
    if (!*all[fd] && errno != EBADF) return Errno("dup", std::to_string(fd));
    struct stat info {};
    stdio.given[fd] = ::fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
  }
  return stdio;
}

}  // namespace tsc
