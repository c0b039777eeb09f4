// SPDX-License-Identifier: Apache-2.0
#include "supervisor/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace tsc {
namespace {

constexpr int kAttempts = 2000;
constexpr useconds_t kPause = 1000;

}  // namespace

Result<UniqueFd> LockRun(int run_dir, const char* path, const char* step) {
  UniqueFd file(::openat(run_dir, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Errno(step, path);
  for (int attempt = 0; ::flock(file.get(), LOCK_EX | LOCK_NB) != 0; ++attempt) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Errno(step, path);
    if (attempt == kAttempts) return Fail(step, EAGAIN, path);
    ::usleep(kPause);
  }
  return file;
}

}  // namespace tsc
