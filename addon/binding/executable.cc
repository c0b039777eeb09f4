// SPDX-License-Identifier: Apache-2.0
#include "binding/executable.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace tsc::binding {
namespace {

UniqueFd ExecutableMemfd() {
  UniqueFd fd(::memfd_create("tscontainer-supervisor", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC));
  if (!fd && errno == EINVAL) fd.reset(::memfd_create("tscontainer-supervisor", MFD_CLOEXEC | MFD_ALLOW_SEALING));  // below 6.3
  return fd;
}

}  // namespace

Result<UniqueFd> SealedCopy(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Errno("open supervisor", path);
  UniqueFd copy = ExecutableMemfd();
  if (!copy) return Errno("create supervisor memfd");
  for (;;) {
    const ssize_t n = ::sendfile(copy.get(), file.get(), nullptr, 1 << 26);
    if (n == 0) break;
    if (n < 0 && errno != EINTR) return Errno("copy supervisor", path);
  }
  if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return Errno("seal supervisor memfd");
  return copy;
}

Result<UniqueFd> VerifiedFile(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Errno("open supervisor", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return Errno("verify supervisor", path);
  const bool owned = info.st_uid == 0 || info.st_uid == ::geteuid();
  if (!S_ISREG(info.st_mode) || !owned || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return Fail("verify supervisor", EPERM, path);
  return file;
}

}  // namespace tsc::binding
