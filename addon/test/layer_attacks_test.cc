// SPDX-License-Identifier: Apache-2.0
// Archives that want out of their directory, and those that only look like it (the list "Layers" of the threat model).
#include <doctest/doctest.h>

#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

// A target inside a directory whose other content must not change.
struct Jail {
  TempDir outside;
  std::string canary = outside.At("canary");
  UniqueFd target;
  Jail() {
    Shell("echo safe > " + canary + " && mkdir " + outside.At("target"));
    target.reset(::open(outside.At("target").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  Result<UnpackResult> Unpack(const std::string& tar) const {
    const UniqueFd input = Memory(tar);
    UnpackOptions options;
    options.input = input.get();
    options.target = target.get();
    auto result = UnpackLayer(options);
    CHECK(Content(canary) == "safe\n");
    CHECK(*Shell("ls -A " + outside.path()) == "canary\ntarget\n");
    return result;
  }
  int Error(const std::string& tar) const {
    const auto result = Unpack(tar);
    return result ? 0 : result.failure().error;
  }
  std::string At(const std::string& name) const { return outside.At("target/" + name); }
};

}  // namespace

TEST_CASE("names that leave the root are refused and named") {
  for (const std::string name : {"../x", "/../x", "a/../../x", "..", "./..", "../canary"}) {
    CAPTURE(name);
    Jail jail;
    const auto result = jail.Unpack(TarBuilder().File(name, "evil").End());
    REQUIRE(!result.ok());
    CHECK(result.failure().step == "unpack layer");
    CHECK(result.failure().error == EINVAL);
    CHECK(result.failure().object == name);
  }
}

TEST_CASE("absolute names and dots inside mean the root") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().File("/etc/x", "1").File("./a/./b/../y", "2").End()) == 0);
  CHECK(Content(jail.At("etc/x")) == "1");
  CHECK(Content(jail.At("a/y")) == "2");
}

TEST_CASE("writing through a symbolic link stays inside") {
  for (const std::string link : {"..", "../..", "/", "../../../../../../..", "/../.."}) {
    CAPTURE(link);
    Jail jail;
    CHECK(jail.Error(TarBuilder().Symlink("out", link).File("out/canary", "evil").End()) == 0);
    CHECK(Content(jail.At("canary")) == "evil");
  }
  Jail jail;
  const auto canary = jail.outside.At("canary");
  CHECK(jail.Error(TarBuilder().Symlink("c", canary).File("c", "evil").End()) == 0);
  CHECK(Content(jail.At("c")) == "evil");
}

TEST_CASE("links in circles end") {
  Jail jail;
  CHECK(jail.Error(TarBuilder().Symlink("a", "b").Symlink("b", "a").File("a/f").End()) == ELOOP);
  CHECK(jail.Error(TarBuilder().Symlink("s", "s/s").File("s/f").End()) == ELOOP);
}

TEST_CASE("hard links reach nothing outside") {
  Jail jail;
  CHECK(jail.Error(TarBuilder().Link("x", "../canary").End()) == EINVAL);
  CHECK(jail.Error(TarBuilder().Symlink("out", "..").Link("x", "out/canary").End()) == ENOENT);
  CHECK(jail.Error(TarBuilder().Symlink("l", jail.canary).Link("x", "l").File("x", "evil").End()) == 0);
  CHECK(jail.Error(TarBuilder().Link("early", "later").File("later").End()) == ENOENT);
  CHECK(jail.Error(TarBuilder().Dir("d").Link("e", "d").End()) == EPERM);
}

TEST_CASE("a hard link to a symbolic link links the link") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().Symlink("l", "/nowhere").Link("x", "l").End()) == 0);
  CHECK(Target(jail.At("x")) == "/nowhere");
}

TEST_CASE("a hard link to itself changes nothing") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().File("f", "data").Link("f", "f").Link("f", "./f").End()) == 0);
  CHECK(Content(jail.At("f")) == "data");
}

TEST_CASE("the root is a directory and nothing else") {
  Jail jail;
  CHECK(jail.Error(TarBuilder().Symlink(".", "..").End()) == EINVAL);
  CHECK(jail.Error(TarBuilder().File("./", "").End()) == 0);
  CHECK(jail.Error(TarBuilder().Add({.name = ".", .type = '5', .mode = 0711}).End()) == 0);
  CHECK((Stat(jail.At("."))->st_mode & 07777) == 0711);
}

TEST_CASE("a directory that becomes a link between two entries") {
  Jail jail;
  TarBuilder tar;
  tar.Dir("d").File("d/f", "1").Symlink("d", "..").File("d/canary", "evil").Dir("d").File("d/g", "2");
  REQUIRE(jail.Error(tar.End()) == 0);
  CHECK(Content(jail.At("canary")) == "evil");
  CHECK(Content(jail.At("d/g")) == "2");
  CHECK(!Stat(jail.At("d/f")));
}

TEST_CASE("absolute links and writes below them keep working") {
  Jail jail;
  TarBuilder tar;
  tar.Dir("var").Symlink("var/run", "/run").File("var/run/lock/pid", "1").Dir("run", 0711).Symlink("a", "/b/../c").File("a/f", "2");
  auto result = jail.Unpack(tar.End());
  REQUIRE(result.ok());
  CHECK(Content(jail.At("run/lock/pid")) == "1");
  CHECK(Content(jail.At("c/f")) == "2");
  CHECK(Target(jail.At("var/run")) == "/run");
  CHECK((Stat(jail.At("run"))->st_mode & 07777) == 0711);
}

TEST_CASE("absolute hard-link targets keep working") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().File("usr/bin/a", "1").Link("b", "/usr/bin/a").Symlink("l", "/usr").Link("c", "l/bin/a").End()) == 0);
  CHECK(Stat(jail.At("b"))->st_nlink == 3);
}

TEST_CASE("modes of devices keep working") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().Add({.name = "dev/null", .type = '3', .mode = 01666, .uid = 5, .major = 1, .minor = 3}).End()) == 0);
  CHECK(Stat(jail.At("dev/null"))->st_mode == (S_IFCHR | 01666));
  CHECK(Stat(jail.At("dev/null"))->st_uid == 5);
}

TEST_CASE("whiteout devices are not taken from the archive") {
  Jail jail;
  CHECK(jail.Error(TarBuilder().Add({.name = "f", .type = '3'}).End()) == EINVAL);
  CHECK(jail.Error(TarBuilder().File(".wh.f").Link("g", "f").End()) == EINVAL);
}

TEST_CASE("names with newlines, and bytes that are no text, are names") {
  Jail jail;
  const std::string name = "a\nb\xff\x01";
  REQUIRE(jail.Error(TarBuilder().File(name, "1").End()) == 0);
  CHECK(Content(jail.At(name)) == "1");
  const auto result = jail.Unpack(TarBuilder().File("../" + name).End());
  CHECK(result.failure().object == "../a\\x0ab\\xff\\x01");
}

TEST_CASE("a NUL in a PAX name is refused") {
  Jail jail;
  CHECK(jail.Error(TarBuilder().Pax(TarBuilder::Record("path", std::string("a\0b", 3))).File("f").End()) == EBADMSG);
}

TEST_CASE("depth is limited") {
  Jail jail;
  std::string deep;
  for (int i = 0; i < 2040; ++i) deep += "d/";
  CHECK(jail.Error(TarBuilder().Pax(TarBuilder::Record("path", deep + "f")).File("f").End()) == ENAMETOOLONG);
  std::string half;
  for (int i = 0; i < 400; ++i) half += "d/";
  TarBuilder chained;
  chained.Pax(TarBuilder::Record("path", half)).Dir("d").Symlink("s", "x").Pax(TarBuilder::Record("linkpath", half)).Symlink("s", "x");
  chained.Pax(TarBuilder::Record("path", "s/" + half + "f")).File("f");
  CHECK(jail.Error(chained.End()) == ENAMETOOLONG);
}

TEST_CASE("wild times do no harm") {
  for (const std::string time : {"99999999999999999999999", "-99999999999999999999999", "-1.5", "0.9999999999999"}) {
    CAPTURE(time);
    Jail jail;
    CHECK(jail.Error(TarBuilder().Pax(TarBuilder::Record("mtime", time)).File("f").Pax(TarBuilder::Record("mtime", time)).Dir("d").End()) ==
          0);
  }
  Jail jail;
  CHECK(jail.Error(TarBuilder().Pax(TarBuilder::Record("mtime", "soon")).File("f").End()) == EBADMSG);
}

TEST_CASE("a setgid directory does not hand its group to what follows") {
  Jail jail;
  REQUIRE(jail.Error(TarBuilder().Add({.name = "d", .type = '5', .mode = 02775, .gid = 50}).File("d/f").Dir("d/e").End()) == 0);
  CHECK((Stat(jail.At("d"))->st_mode & 07777) == 02775);
  CHECK(Stat(jail.At("d/f"))->st_gid == 0);
  CHECK((Stat(jail.At("d/e"))->st_mode & 07777) == 0755);
}

TEST_CASE("a full disk is told with the entry") {
  TempDir mount;
  if (!Shell("mount -t tmpfs -o size=1m none " + mount.path() + " 2>/dev/null")) return;
  const UniqueFd target(::open(mount.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd input = Memory(TarBuilder().File("big", std::string(3'000'000, 'x')).End());
  UnpackOptions options;
  options.input = input.get();
  options.target = target.get();
  const auto result = UnpackLayer(options);
  Shell("umount -l " + mount.path());
  REQUIRE(!result.ok());
  CHECK(result.failure().error == ENOSPC);
  CHECK(result.failure().object == "big");
}
