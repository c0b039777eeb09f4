// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "layer/archive.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

Result<ExtractResult> Extract(std::string_view tar, const TempDir& target, TarLimits limits = {.entries = 100'000}) {
  const UniqueFd input = Memory(tar);
  ExtractOptions options;
  options.input = input.get();
  options.target = target.fd();
  options.limits = limits;
  return ExtractArchive(options);
}

int ErrorOf(const std::string& tar) {
  TempDir target;
  const auto result = Extract(tar, target);
  return result ? 0 : result.failure().error;
}

}  // namespace

TEST_CASE("an archive of docker save: links become the files they lead to, in any order") {
  TempDir target;
  TarBuilder tar;
  tar.Dir("aa", 0700).Symlink("aa/layer.tar", "../bb/layer.tar").Symlink("bb/layer.tar", "../cc/layer.tar");
  tar.Add({.name = "cc/layer.tar", .data = "tar", .mode = 04777, .uid = 7}).Link("dd/hard", "cc/layer.tar").File("manifest.json", "[]");
  auto result = Extract(tar.End(), target);
  REQUIRE_MESSAGE(result.ok(), result.failure().object);
  CHECK(result->files == 2);
  for (const char* name : {"aa/layer.tar", "bb/layer.tar", "cc/layer.tar", "dd/hard"}) {
    CHECK(Content(target.At(name)) == "tar");
    CHECK(Stat(target.At(name))->st_mode == (S_IFREG | 0644));
    CHECK(Stat(target.At(name))->st_uid == ::geteuid());
  }
  CHECK((Stat(target.At("aa"))->st_mode & 07777) == 0755);
}

TEST_CASE("compressed archives") {
  TempDir source;
  Shell("cd " + source.path() + " && echo '{}' > index.json && mkdir -p blobs/sha256 && : > blobs/sha256/aa");
  for (const std::string filter : {"gzip", "zstd", "cat"}) {
    TempDir target;
    REQUIRE(Extract(*Shell("tar -C " + source.path() + " -cf - . | " + filter), target).ok());
    CHECK(Shell("diff -r " + source.path() + " " + target.path()));
  }
}

TEST_CASE("everything that is not a plain file inside is an error") {
  CHECK(ErrorOf(TarBuilder().File("../x").End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Symlink("l", "/etc/passwd").End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Symlink("l", "../../etc/passwd").End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Symlink("l", "nothing").End()) == ENOENT);
  CHECK(ErrorOf(TarBuilder().Dir("d").Symlink("l", "d").End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Symlink("a", "b").Symlink("b", "a").End()) == ELOOP);
  CHECK(ErrorOf(TarBuilder().Symlink("d", ".").File("d/f").End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Add({.name = "n", .type = '3', .major = 1, .minor = 3}).End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().Add({.name = "p", .type = '6'}).End()) == EINVAL);
  CHECK(ErrorOf(TarBuilder().File("f").Dir("f/d").End()) == ENOTDIR);
  CHECK(ErrorOf(TarBuilder().File("").End()) == EINVAL);
}

TEST_CASE("the number of entries is limited") {
  TempDir target;
  const auto result = Extract(TarBuilder().File("a").File("b").File("c").End(), target, {.entries = 2});
  CHECK(result.failure().error == E2BIG);
}
