// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "layer/sha256.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

std::string DigestOf(std::string_view data) {
  Sha256 hash;
  hash.Update(data);
  return hash.Digest();
}

int ErrorOf(const Result<UnpackResult>& result) { return result ? 0 : result.failure().error; }

}  // namespace

TEST_CASE("sha256 agrees with the published vector") {
  CHECK(DigestOf("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a tree packed by GNU tar comes out as it went in") {
  for (const std::string format : {"gnu", "pax", "ustar", "v7", "oldgnu"}) {
    for (const std::string filter : {"cat", "gzip", "zstd"}) {
      CAPTURE(format);
      CAPTURE(filter);
      TempDir source;
      TempDir target;
      REQUIRE(Shell("cd " + source.path() +
                    " && mkdir -p a/b && head -c 3000000 /dev/urandom > a/b/big && echo hi > a/hi && chmod 4751 a/hi && ln a/hi a/hard && "
                    "ln -s ../hi a/b/link && chown 12:34 a/b/big && touch -d @1234567 a/b a/hi && chmod 2770 a && " +
                    (format == "v7" ? "" : "mkfifo -m 600 a/fifo && ") + ": > empty"));
      const auto tar = Shell("tar -C " + source.path() + " --format=" + format + " -cf - . | " + filter);
      REQUIRE(tar);
      auto result = Unpack(*tar, target);
      REQUIRE_MESSAGE(result.ok(), result.failure().object);
      CHECK(result->digest == DigestOf(*tar));
      CHECK(Shell("diff -r --no-dereference -x fifo " + source.path() + " " + target.path()));
      const std::string list = " && find . -printf '%p %y %m %U %G %n %l %Ts\\n' | sort";
      CHECK(*Shell("cd " + source.path() + list) == *Shell("cd " + target.path() + list));
      CHECK(result->implied_parents.empty());
    }
  }
}

TEST_CASE("a digest that is checked elsewhere is taken as it is given") {
  const std::string elsewhere = "sha256:" + std::string(64, 'a');
  TempDir source;
  REQUIRE(Shell("cd " + source.path() + " && echo hi > f"));
  for (const std::string filter : {"cat", "gzip", "zstd -q"}) {
    CAPTURE(filter);
    TempDir target;
    const std::string tar = "tar -C " + source.path() + " -cf - . ";
    UnpackOptions options;
    options.digest = elsewhere;
    options.digest_elsewhere = true;
    const auto result = Unpack(*Shell(tar + "| " + filter), target, options);
    REQUIRE(result.ok());
    CHECK(result->digest == elsewhere);
    CHECK(result->diff_id == DigestOf(*Shell(tar)));
  }
}

TEST_CASE("capabilities and user attributes survive, labels and overlay's own do not") {
  TempDir target;
  const std::string capability("\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  TarBuilder tar;
  tar.Pax(TarBuilder::Record("SCHILY.xattr.security.capability", capability) + TarBuilder::Record("SCHILY.xattr.user.note", "x\ny") +
          TarBuilder::Record("SCHILY.xattr.trusted.overlay.opaque", "y") +
          TarBuilder::Record("SCHILY.xattr.user.overlay.redirect", "/etc") + TarBuilder::Record("SCHILY.xattr.trusted.x", "1"));
  tar.File("f", "data");
  auto result = Unpack(tar.End(), target);
  REQUIRE(result.ok());
  CHECK(Xattr(target.At("f"), "security.capability") == capability);
  CHECK(Xattr(target.At("f"), "user.note") == "x\ny");
  CHECK(result->dropped_xattrs == 3);
  char names[256];
  const ssize_t n = ::listxattr(target.At("f").c_str(), names, sizeof names);
  CHECK(std::string_view(names, static_cast<std::size_t>(n)).find("overlay") == std::string_view::npos);
}

TEST_CASE("a digest, a size or a diffID that differs is a failure of its own") {
  const auto tar = TarBuilder().File("f", "data").End();
  TempDir source;
  UnpackOptions options;
  SUBCASE("digest") {
    options.digest = DigestOf("other");
    TempDir target;
    CHECK(Unpack(tar, target, options).failure().step == "verify digest");
  }
  SUBCASE("diffid") {
    options.diff_id = DigestOf("other");
    TempDir target;
    CHECK(Unpack(tar, target, options).failure().step == "verify diffid");
  }
  SUBCASE("size") {
    for (const std::uint64_t size : {tar.size() - 1, tar.size() + 1}) {
      options.size = size;
      TempDir target;
      CHECK(Unpack(tar, target, options).failure().step == "verify size");
    }
  }
  SUBCASE("damage in the middle is told as a wrong digest") {
    auto damaged = tar;
    damaged[3] ^= 1;
    options.digest = DigestOf(tar);
    TempDir target;
    CHECK(Unpack(damaged, target, options).failure().step == "verify digest");
  }
  SUBCASE("all three right") {
    options.digest = options.diff_id = DigestOf(tar);
    options.size = tar.size();
    TempDir target;
    CHECK(Unpack(tar, target, options).ok());
  }
}

TEST_CASE("the blob is kept byte for byte") {
  TempDir target;
  const auto tar = TarBuilder().File("f", std::string(5'000'000, 'x')).End();
  const UniqueFd blob = Memory("");
  UnpackOptions options;
  options.blob = blob.get();
  REQUIRE(Unpack(tar, target, options).ok());
  ::lseek(blob.get(), 0, SEEK_SET);
  CHECK(*ReadFd(blob.get(), 64 << 20, "blob") == tar);
}

TEST_CASE("missing parents are made 0755 and reported, unless their entry comes later") {
  TempDir target;
  auto result = Unpack(TarBuilder().File("a/b/f").File("c/d/f").Dir("c", 0700).End(), target);
  REQUIRE(result.ok());
  CHECK(result->implied_parents == std::vector<std::string>{"", "a", "a/b", "c/d"});
  CHECK((Stat(target.At("a"))->st_mode & 07777) == 0755);
  CHECK((Stat(target.At("c"))->st_mode & 07777) == 0700);
}

TEST_CASE("a later entry replaces an earlier one, a directory over a directory merges") {
  TempDir target;
  TarBuilder tar;
  tar.Dir("d", 0700).File("d/f", "1").Dir("d", 0711).File("d/f", "2").File("x", "1").Dir("x").Dir("y").File("y/f").Symlink("y", "d");
  REQUIRE(Unpack(tar.End(), target).ok());
  CHECK(Content(target.At("d/f")) == "2");
  CHECK((Stat(target.At("d"))->st_mode & 07777) == 0711);
  CHECK(S_ISDIR(Stat(target.At("x"))->st_mode));
  CHECK(Target(target.At("y")) == "d");
}

TEST_CASE("owners: one id, no such id, ids beyond 2^21") {
  const auto tar = TarBuilder().Pax(TarBuilder::Record("uid", "3000000")).Add({.name = "f", .gid = 7}).End();
  UnpackOptions options;
  SUBCASE("as they are") {
    TempDir target;
    REQUIRE(Unpack(tar, target).ok());
    CHECK(Stat(target.At("f"))->st_uid == 3000000);
    CHECK(Stat(target.At("f"))->st_gid == 7);
  }
  SUBCASE("single id") {
    options.single_id = true;
    TempDir target;
    REQUIRE(Unpack(tar, target, options).ok());
    CHECK(Stat(target.At("f"))->st_uid == ::geteuid());
  }
  SUBCASE("unmapped") {
    options.max_id = 65536;
    TempDir target;
    const auto result = Unpack(tar, target, options);
    CHECK(ErrorOf(result) == EINVAL);
    CHECK(result.failure().object.find("unmapped") != std::string::npos);
  }
  SUBCASE("-1 is nobody's id") {
    TempDir target;
    CHECK(ErrorOf(Unpack(TarBuilder().Pax(TarBuilder::Record("uid", "4294967295")).File("f").End(), target)) == EINVAL);
  }
}

TEST_CASE("without devices they are left out and counted, a fifo is made") {
  TarBuilder tar;
  tar.Add({.name = "null", .type = '3', .mode = 0666, .major = 1, .minor = 3}).Add({.name = "fifo", .type = '6', .mode = 0622});
  TempDir target;
  UnpackOptions options;
  options.devices = false;
  auto result = Unpack(tar.End(), target, options);
  REQUIRE(result.ok());
  CHECK(result->skipped_devices == 1);
  CHECK(!Stat(target.At("null")));
  CHECK(Stat(target.At("fifo"))->st_mode == (S_IFIFO | 0622));
  TempDir with;
  REQUIRE(Unpack(tar.End(), with).ok());
  CHECK(Stat(with.At("null"))->st_mode == (S_IFCHR | 0666));
}
