// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr const char* kOpaque = "trusted.overlay.opaque";

}  // namespace

TEST_CASE("a whiteout becomes a 0:0 device, its parent is implied") {
  TempDir target;
  auto result = Unpack(TarBuilder().File("etc/.wh.passwd").File(".wh.gone").End(), target);
  REQUIRE(result.ok());
  CHECK(IsWhiteout(target.At("etc/passwd")));
  CHECK(IsWhiteout(target.At("gone")));
  CHECK(result->implied_parents == std::vector<std::string>{"", "etc"});
}

TEST_CASE("an opaque marker works before and after its siblings, and by both names of the attribute") {
  TempDir target;
  REQUIRE(Unpack(TarBuilder().Dir("a").File("a/.wh..wh..opq").File("a/f").Dir("b").File("b/f").File("b/.wh..wh..opq").End(), target).ok());
  CHECK(Xattr(target.At("a"), kOpaque) == "y");
  CHECK(Xattr(target.At("b"), kOpaque) == "y");
  CHECK(Stat(target.At("b/f")));
  TempDir rootless;
  UnpackOptions options;
  options.user_xattr = true;
  REQUIRE(Unpack(TarBuilder().Dir("a").File("a/.wh..wh..opq").End(), rootless, options).ok());
  CHECK(Xattr(rootless.At("a"), "user.overlay.opaque") == "y");
}

TEST_CASE("malformed whiteouts are errors") {
  for (const std::string name : {".wh.", "a/.wh.", ".wh..", ".wh...", "a/.wh../x", ".wh.x/y"}) {
    CAPTURE(name);
    TempDir target;
    const auto result = Unpack(TarBuilder().File(name).End(), target);
    REQUIRE(!result.ok());
    CHECK(result.failure().error == EINVAL);
    CHECK(result.failure().step == "unpack layer");
  }
}

TEST_CASE("an opaque root is reported, since overlayfs cannot express it") {
  TempDir target;
  auto result = Unpack(TarBuilder().File(".wh..wh..opq").File("f").End(), target);
  REQUIRE(result.ok());
  CHECK(result->opaque_root);
}

TEST_CASE("what AUFS left behind is skipped") {
  TempDir target;
  REQUIRE(Unpack(TarBuilder().Dir(".wh..wh.plnk").File(".wh..wh.plnk/1.2").File(".wh..wh.aufs").File("f").End(), target).ok());
  CHECK(*Shell("ls -A " + target.path()) == "f\n");
}

TEST_CASE("a whiteout does not hide what its own layer has, only what is below") {
  SUBCASE("file, before and after") {
    TempDir target;
    REQUIRE(Unpack(TarBuilder().File("a", "1").File(".wh.a").File(".wh.b").File("b", "2").End(), target).ok());
    CHECK(Content(target.At("a")) == "1");
    CHECK(Content(target.At("b")) == "2");
  }
  SUBCASE("directories become opaque") {
    TempDir target;
    TarBuilder tar;
    tar.Dir("a", 0700).File("a/f").File(".wh.a").File(".wh.b").Dir("b", 0711).File(".wh.c").File("c/d/f");
    auto result = Unpack(tar.End(), target);
    REQUIRE(result.ok());
    for (const char* name : {"a", "b", "c"}) CHECK(Xattr(target.At(name), kOpaque) == "y");
    CHECK(Stat(target.At("a/f")));
    CHECK((Stat(target.At("a"))->st_mode & 07777) == 0700);
    CHECK((Stat(target.At("b"))->st_mode & 07777) == 0711);
    CHECK(result->implied_parents == std::vector<std::string>{"", "c/d"});
  }
}

TEST_CASE("whiteouts through a link stay inside") {
  TempDir outside;
  Shell("mkdir " + outside.At("t") + " && echo safe > " + outside.At("canary"));
  const UniqueFd target(::open(outside.At("t").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd input = Memory(TarBuilder().Symlink("up", "..").File("up/.wh.canary").End());
  UnpackOptions options;
  options.input = input.get();
  options.target = target.get();
  REQUIRE(UnpackLayer(options).ok());
  CHECK(Content(outside.At("canary")) == "safe\n");
  CHECK(IsWhiteout(outside.At("t/canary")));
}

TEST_CASE("the kernel reads our markers: an overlay of two layers shows what the images mean") {
  TempDir work;
  Shell("cd " + work.path() + " && mkdir lower upper w m t && mount -t tmpfs none t && mkdir t/lower t/upper");
  const auto unpack = [&](const std::string& name, const std::string& tar) {
    const UniqueFd target(::open(work.At("t/" + name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const UniqueFd input = Memory(tar);
    UnpackOptions options;
    options.input = input.get();
    options.target = target.get();
    return UnpackLayer(options).ok();
  };
  REQUIRE(unpack("lower", TarBuilder().File("a", "1").File("d/x").File("d/y").File("keep/z").End()));
  REQUIRE(unpack("upper", TarBuilder().File(".wh.a").File("d/new").File("d/.wh..wh..opq").File("keep/.wh.z").File("keep/k").End()));
  const auto t = work.At("t");
  const auto seen = Shell("mount -t overlay none -o lowerdir=" + t + "/upper:" + t + "/lower " + work.At("m") + " && cd " + work.At("m") +
                          " && find . -mindepth 1 | sort");
  Shell("umount -l " + work.At("m") + "; umount -l " + t);
  REQUIRE(seen);
  CHECK(*seen == "./d\n./d/new\n./keep\n./keep/k\n");
}
