// SPDX-License-Identifier: Apache-2.0
#include "layer/copy_data.h"

#include <unistd.h>

#include <algorithm>

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 256 << 10;
constexpr std::size_t kLargest = 1 << 30;  // of one call
constexpr std::uint64_t kBlock = 512;      // unit of st_blocks

Failure Because(int error) { return Fail("copy layer", error); }

// Neither the file system's nor the pair's to do; the next file would say the same.
bool NotHere(int error) {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM || error == ETXTBSY;
}

struct Extent {
  std::uint64_t begin, end;
};

// The next data from `at` on; empty at the end. Where the file system knows of no holes, all of it is data.
Extent NextData(int fd, std::uint64_t at, std::uint64_t size) {
  const off_t data = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
  if (data < 0) return errno == ENXIO ? Extent{size, size} : Extent{at, size};
  const off_t hole = ::lseek(fd, data, SEEK_HOLE);
  return {static_cast<std::uint64_t>(data), hole < 0 ? size : std::min(static_cast<std::uint64_t>(hole), size)};
}

}  // namespace

Status DataCopier::Copy(int from, int to, std::uint64_t size, std::uint64_t blocks) {
  if (blocks * kBlock >= size) return CopyRange(from, to, 0, size);
  if (::ftruncate(to, static_cast<off_t>(size)) != 0) return Because(errno);
  for (std::uint64_t at = 0; at < size;) {
    const Extent data = NextData(from, at, size);
    TSC_TRY(CopyRange(from, to, data.begin, data.end));
    at = data.end;
  }
  return {};
}

Status DataCopier::CopyRange(int from, int to, std::uint64_t begin, std::uint64_t end) {
  while (in_kernel_ && begin < end) {
    auto in = static_cast<loff_t>(begin), out = static_cast<loff_t>(begin);
    const ssize_t n = ::copy_file_range(from, &in, to, &out, std::min<std::uint64_t>(end - begin, kLargest), 0);
    if (n > 0)
      begin += static_cast<std::uint64_t>(n);
    else if (n == 0)
      return Because(ESTALE);
    else if (NotHere(errno))
      in_kernel_ = false;
    else if (errno != EINTR)
      return Because(errno);
  }
  return ReadAndWrite(from, to, begin, end);
}

Status DataCopier::ReadAndWrite(int from, int to, std::uint64_t begin, std::uint64_t end) {
  if (begin < end && !buffer_) buffer_.reset(new char[kBuffer]);
  while (begin < end) {
    const ssize_t got = ::pread(from, buffer_.get(), std::min<std::uint64_t>(end - begin, kBuffer), static_cast<off_t>(begin));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Because(got < 0 ? errno : ESTALE);
    for (ssize_t done = 0; done < got;) {
      const ssize_t n = ::pwrite(to, buffer_.get() + done, static_cast<std::size_t>(got - done), static_cast<off_t>(begin) + done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Because(errno);
      done += n;
    }
    begin += static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace tsc
