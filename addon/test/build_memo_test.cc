// SPDX-License-Identifier: Apache-2.0
// What is remembered of the files of contexts.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "build/digest_memo.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

struct stat OldFile(std::uint64_t inode) {
  struct stat info {};
  info.st_mode = S_IFREG | 0644;
  info.st_ino = inode;
  info.st_size = 3;
  info.st_mtim = {1'000'000'000, 5};
  info.st_ctim = {1'000'000'000, 5};
  return info;
}

}  // namespace

TEST_CASE("digests are found again in the same state only") {
  const TempDir store;
  const UniqueFd dir(::open(store.At("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::mkdirat(dir.get(), "cache", 0700) == 0);
  {
    DigestMemo memo;
    memo.Open(dir.get(), "digests");
    for (std::uint64_t inode = 1000; inode > 0; --inode) memo.Add(OldFile(inode), ContentHash{static_cast<unsigned char>(inode)});
    memo.Save();
  }
  DigestMemo memo;
  memo.Open(dir.get(), "digests");
  for (std::uint64_t inode = 1; inode <= 1000; ++inode) {
    const auto found = memo.Find(OldFile(inode));
    REQUIRE(found);
    CHECK((*found)[0] == static_cast<unsigned char>(inode));
  }
  auto changed = OldFile(7);
  ++changed.st_ctim.tv_nsec;
  CHECK_FALSE(memo.Find(changed));
  changed = OldFile(7);
  ++changed.st_size;
  CHECK_FALSE(memo.Find(changed));
  CHECK_FALSE(memo.Find(OldFile(1001)));
}

TEST_CASE("what was changed a moment ago is not remembered") {
  const TempDir store;
  const UniqueFd dir(::open(store.At("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::mkdirat(dir.get(), "cache", 0700) == 0);
  DigestMemo memo;
  memo.Open(dir.get(), "digests");
  auto recent = OldFile(1);
  ::clock_gettime(CLOCK_REALTIME, &recent.st_ctim);
  memo.Add(recent, {});
  memo.Save();
  CHECK_FALSE(Stat(store.At("cache/digests")));
}

TEST_CASE("a damaged file is as good as none") {
  const TempDir store;
  const UniqueFd dir(::open(store.At("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::mkdirat(dir.get(), "cache", 0700) == 0);
  const UniqueFd file(::openat(dir.get(), "cache/digests", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(::ftruncate(file.get(), 24 + 80) == 0);
  DigestMemo memo;
  memo.Open(dir.get(), "digests");
  CHECK_FALSE(memo.Find({}));
}
