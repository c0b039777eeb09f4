// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "layer/pack.h"
#include "layer/sha256.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

struct Packed {
  Result<PackResult> result;
  std::string blob;
};

Packed Pack(const std::string& path, PackOptions options = {}) {
  const UniqueFd source(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd output = Memory("");
  options.source = source.get();
  options.output = output.get();
  auto result = PackLayer(options);
  ::lseek(output.get(), 0, SEEK_SET);
  return {std::move(result), *ReadFd(output.get(), 256 << 20, "output")};
}

std::string DigestOf(std::string_view data) {
  Sha256 hash;
  hash.Update(data);
  return hash.Digest();
}

void MakeTree(const std::string& path) {
  const std::string longer(120, 'n');
  REQUIRE(Shell("cd " + path + " && mkdir -p a/b e/" + longer +
                " && head -c 3000001 /dev/urandom > a/b/big && echo hi > a/hi && chmod 4751 a/hi && ln a/hi z && " + "ln -s ../" + longer +
                longer +
                " a/b/link && chown 3000000:34 a/b/big && touch -d @1234567 a/b a/hi && touch -d '1969-01-01' e && chmod 2770 a && "
                "mkfifo -m 600 a/fifo && : > empty && mknod null c 1 3 && : > e/" +
                longer + "/" + longer + longer.substr(0, 50) +
                " && : > $(printf 'u\\xc3\\xa4\\xff') && "
                "setfattr -n user.note -v 0x610a623d63 a/hi && setfattr -n trusted.x -v 1 a/hi && setcap cap_net_raw+ep empty && touch -d "
                "@1000000000.5 z"));
}

constexpr const char* kList = " && find . -mindepth 1 -printf '%p %y %m %U %G %n %l %Ts\\n' | sort";

}  // namespace

TEST_CASE("a tree comes back as it was, by our reader, GNU tar and bsdtar") {
  TempDir source;
  MakeTree(source.path());
  for (const auto compression : {Compression::kPlain, Compression::kGzip}) {
    TempDir target;
    const auto packed = Pack(source.path(), {.compression = compression});
    REQUIRE_MESSAGE(packed.result.ok(), packed.result.failure().object);
    auto result = Unpack(packed.blob, target);
    REQUIRE_MESSAGE(result.ok(), result.failure().object);
    CHECK(Shell("diff -r --no-dereference -x fifo -x null " + source.path() + " " + target.path()));
    CHECK(*Shell("cd " + source.path() + kList) == *Shell("cd " + target.path() + kList));
    CHECK(Xattr(target.At("a/hi"), "user.note") == "a\nb=c");
    CHECK(Xattr(target.At("empty"), "security.capability") == Xattr(source.At("empty"), "security.capability"));
    CHECK(result->dropped_xattrs == 0);  // trusted.x was not packed
    CHECK(result->digest == packed.result->digest);
    CHECK(result->diff_id == packed.result->diff_id);
    CHECK(packed.blob.size() == packed.result->size);
    CHECK(DigestOf(packed.blob) == packed.result->digest);
  }
  const auto packed = Pack(source.path());
  TempDir box;
  const UniqueFd file(::open(box.At("t.tar").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(WriteAll(file.get(), packed.blob, "t.tar"));
  for (const std::string tar : {"tar --xattrs --xattrs-include='*'", "bsdtar"}) {
    CAPTURE(tar);
    REQUIRE(Shell("cd " + box.path() + " && mkdir x && " + tar + " -C x -xpf t.tar"));
    CHECK(*Shell("cd " + source.path() + kList) == *Shell("cd " + box.path() + "/x" + kList));
    Shell("rm -rf " + box.At("x"));
  }
}

TEST_CASE("the same tree gives the same bytes, wherever and whenever it is") {
  TempDir one;
  TempDir two;
  MakeTree(one.path());
  REQUIRE(Shell("cp -a " + one.path() + "/. " + two.path()));
  for (const auto compression : {Compression::kPlain, Compression::kGzip})
    CHECK(Pack(one.path(), {.compression = compression}).result->digest == Pack(two.path(), {.compression = compression}).result->digest);
}

TEST_CASE("owners: squashed, shifted, unmapped") {
  TempDir source;
  Shell("cd " + source.path() + " && : > f && chown 100005:100006 f");
  const auto owner = [&](PackOptions options) {
    TempDir target;
    const auto packed = Pack(source.path(), options);
    if (!packed.result) return std::string(packed.result.failure().error == EINVAL ? "unmapped" : "?");
    REQUIRE(Unpack(packed.blob, target).ok());
    const auto info = Stat(target.At("f"));
    return std::to_string(info->st_uid) + ":" + std::to_string(info->st_gid);
  };
  CHECK(owner({}) == "100005:100006");
  CHECK(owner({.squash_owner = true}) == "0:0");
  CHECK(owner({.id_base = 100000, .id_count = 65536}) == "5:6");
  CHECK(owner({.id_base = 100006, .id_count = 65536}) == "unmapped");
  CHECK(owner({.id_base = 100000, .id_count = 6}) == "unmapped");
}

TEST_CASE("times are cut to SOURCE_DATE_EPOCH") {
  TempDir source;
  TempDir target;
  Shell("cd " + source.path() + " && touch -d @500 old && touch -d @5000 new");
  REQUIRE(Unpack(Pack(source.path(), {.max_mtime = 1000}).blob, target).ok());
  CHECK(Stat(target.At("old"))->st_mtime == 500);
  CHECK(Stat(target.At("new"))->st_mtime == 1000);
}

TEST_CASE("what a container did to an overlay is packed as a layer that does it again") {
  TempDir box;
  const auto at = [&](const std::string& name) { return box.At("t/" + name); };
  REQUIRE(Shell("mkdir " + box.At("t") + " && mount -t tmpfs none " + box.At("t") + " && cd " + box.At("t") +
                " && mkdir lower upper work merged && mkdir -p lower/d lower/gone lower/keep && echo 1 > lower/d/x && echo 2 > lower/f && "
                "echo 3 > lower/keep/k && "
                "mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work merged && "
                "rm merged/f && rm -r merged/gone && rm -r merged/d && mkdir merged/d && echo new > merged/d/y && echo 4 >> merged/keep/k "
                "&& umount merged"));
  const auto packed = Pack(at("upper"), {.overlay = true});
  REQUIRE_MESSAGE(packed.result.ok(), packed.result.failure().object);
  TempDir target;
  REQUIRE(Unpack(packed.blob, target).ok());
  CHECK(IsWhiteout(target.At("f")));
  CHECK(IsWhiteout(target.At("gone")));
  CHECK(Xattr(target.At("d"), "trusted.overlay.opaque") == "y");
  CHECK(Content(target.At("keep/k")) == "3\n4\n");
  CHECK(Content(target.At("d/y")) == "new\n");
  Shell("umount -l " + box.At("t"));
}

TEST_CASE("what no layer can express is refused") {
  TempDir source;
  Shell("cd " + source.path() + " && : > .wh.x");
  CHECK(Pack(source.path()).result.failure().error == EINVAL);
  TempDir renamed;
  Shell("cd " + renamed.path() + " && mkdir d && setfattr -n trusted.overlay.redirect -v /old d");
  CHECK(Pack(renamed.path(), {.overlay = true}).result.failure().error == EOPNOTSUPP);
}

TEST_CASE("links are packed as links, sockets left out, mounts not entered") {
  TempDir source;
  TempDir target;
  Shell("cd " + source.path() + " && ln -s /etc etc && mkdir m");
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", source.At("s").c_str());
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(Shell("mount -t tmpfs none " + source.At("m") + " && : > " + source.At("m/inside")));
  const auto packed = Pack(source.path());
  Shell("umount -l " + source.At("m"));
  REQUIRE(packed.result.ok());
  CHECK(packed.result->skipped_sockets == 1);
  REQUIRE(Unpack(packed.blob, target).ok());
  CHECK(*Shell("cd " + target.path() + " && find . -mindepth 1 -printf '%p %y %l\\n' | sort") == "./etc l /etc\n./m d \n");
}
