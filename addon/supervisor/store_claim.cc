// SPDX-License-Identifier: Apache-2.0
#include "supervisor/store_claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr const char kLock[] = "locks/run-root.lock";
constexpr std::size_t kMaxClaim = 8192;
// A supervisor that is about to leave, or one of the two that come at once and then sees that it was not the first.
constexpr int kAttempts = 40;
constexpr useconds_t kPause = 25'000;

// A path may be another directory in another mount namespace: what counts is the first line.
Result<std::string> IdentityOf(int run_dir) {
  struct stat info {};
  if (::fstat(run_dir, &info) != 0) return Errno("claim store");
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + "\n";
}

// With nobody else there, the store is ours to sign. The lock is let go for a moment when it becomes a shared one: what then stands in the
// file cannot change any more.
Status Sign(int lock, const std::string& claim) {
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) return {};
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, claim.data(), claim.size(), 0) != static_cast<ssize_t>(claim.size()))
    return Errno("claim store", kLock);
  return {};
}

}  // namespace

Result<UniqueFd> ClaimStore(int root_dir, int run_dir, const char* run_root) {
  TSC_TRY(MkdirsInRoot(root_dir, "locks", 0700));
  const std::string identity = TSC_TRY(IdentityOf(run_dir));
  std::string found;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) ::usleep(kPause);
    UniqueFd lock(::openat(root_dir, kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock) return Errno("claim store", kLock);
    TSC_TRY(Sign(lock.get(), identity + run_root));
    if (::flock(lock.get(), LOCK_SH | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) continue;
      return Errno("claim store", kLock);
    }
    found = TSC_TRY(ReadFileAt(root_dir, kLock, kMaxClaim));
    if (found.starts_with(identity)) return lock;
  }
  if (found.empty()) return Fail("claim store", EBUSY, kLock);
  return Fail("claim store", EBUSY, found.substr(std::min(found.find('\n'), found.size() - 1) + 1));
}

}  // namespace tsc
