// SPDX-License-Identifier: Apache-2.0
#include "supervisor/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

namespace tsc {
namespace {

constexpr std::chrono::milliseconds kPatience{2000}, kPause{1};

}  // namespace

bool LockWithin(std::chrono::milliseconds time, int fd, int operation) {
  for (auto waited = 0 * kPause; ::flock(fd, operation | LOCK_NB) != 0; waited += kPause) {
    if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= time) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

Result<UniqueFd> LockRun(int run_dir, const char* path, const char* step) {
  UniqueFd file(::openat(run_dir, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Errno(step, path);
  if (!LockWithin(kPatience, file.get(), LOCK_EX)) return Fail(step, errno == EINTR || errno == EWOULDBLOCK ? EAGAIN : errno, path);
  return file;
}

}  // namespace tsc
