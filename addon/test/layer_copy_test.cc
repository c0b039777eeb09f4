// SPDX-License-Identifier: Apache-2.0
#include "layer/copy_tree.h"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "layer/marker_file.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

UniqueFd OpenDir(const std::string& path) { return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

Result<CopyTreeResult> Copy(const std::string& from, const std::string& to, CopyTreeOptions options = {}) {
  const UniqueFd source = OpenDir(from), target = OpenDir(to);
  options.source = source.get();
  options.target = target.get();
  return CopyTree(options);
}

std::set<std::string> UnpackTo(const std::string& path, const std::string& tar) {
  ::mkdir(path.c_str(), 0755);
  const UniqueFd target = OpenDir(path), input = Memory(tar);
  UnpackOptions options;
  options.input = input.get();
  options.target = target.get();
  const auto unpacked = UnpackLayer(options);
  REQUIRE(unpacked.ok());
  return {unpacked->implied_parents.begin(), unpacked->implied_parents.end()};
}

// Name, type, mode, owner, links, size, time, target of every entry but the root.
std::string Listing(const std::string& root) {
  const auto list = Shell(
      "cd " + root +
      " && find . -mindepth 1 ! -type d -printf '%P %y %m %U:%G %n %s %T@ %l\\n' -o -mindepth 1 -printf '%P %y %m %U:%G %T@\\n' | sort");
  return list.value_or("<no listing>");
}

}  // namespace

TEST_CASE("a copy is what was copied") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() +
                " && mkdir from to && cd from && mkdir -p d/e && echo text > d/f && ln d/f d/e/hard && ln -s /etc/passwd link"
                " && mkfifo pipe && mknod null c 1 3 && chown 12:34 d/f link pipe && chmod 4751 d/f && chmod 2770 d && chmod 1777 d/e"
                " && touch -h -d @12345.678 d/f link pipe null d/e && touch -d @99 d && setfattr -n user.note -v hi d/f"
                " && setfattr -n trusted.overlay.origin -v x d/f && : > empty"));
  const auto copied = Copy(work.At("from"), work.At("to"));
  REQUIRE(copied.ok());
  CHECK(copied->entries == 8);
  CHECK(Listing(work.At("to")) == Listing(work.At("from")));
  CHECK(Stat(work.At("to/d/f"))->st_ino == Stat(work.At("to/d/e/hard"))->st_ino);
  CHECK(Stat(work.At("to/null"))->st_rdev == Stat("/dev/null")->st_rdev);
  CHECK(Content(work.At("to/d/e/hard")) == "text\n");
  CHECK(Xattr(work.At("to/d/f"), "user.note") == "hi");
  CHECK(Xattr(work.At("to/d/f"), "trusted.overlay.origin") == "<No data available>");
}

TEST_CASE("holes stay holes, and large files are whole") {
  TempDir work;
  REQUIRE(
      Shell("cd " + work.path() +
            " && mkdir from to && truncate -s 64M from/sparse && printf end | dd of=from/sparse bs=1 seek=20000000 conv=notrunc 2>/dev/null"
            " && head -c 3000001 /dev/urandom > from/full && truncate -s 1G from/hole"));
  REQUIRE(Copy(work.At("from"), work.At("to")).ok());
  CHECK(Shell("cd " + work.path() + " && cmp from/sparse to/sparse && cmp from/full to/full"));
  CHECK(Stat(work.At("to/sparse"))->st_blocks < 64);
  CHECK(Stat(work.At("to/hole"))->st_blocks == 0);
  CHECK(Stat(work.At("to/hole"))->st_size == 1 << 30);
}

TEST_CASE("between two file systems bytes are read and written") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() +
                " && mkdir from to && mount -t tmpfs none to && head -c 700001 /dev/urandom > from/full && truncate -s 9M from/sparse && "
                "echo x >> from/sparse"));
  const auto copied = Copy(work.At("from"), work.At("to"));
  const auto same = Shell("cd " + work.path() + " && cmp from/sparse to/sparse && cmp from/full to/full");
  const auto sparse = Stat(work.At("to/sparse"));
  Shell("umount " + work.At("to"));
  REQUIRE(copied.ok());
  CHECK(same);
  CHECK(sparse->st_blocks < 64);
}

TEST_CASE("layers laid over each other are what overlayfs shows of them") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() + " && mkdir t m to && mount -t tmpfs none t"));
  const auto t = work.At("t");
  UnpackTo(t + "/1", TarBuilder()
                         .Dir("gone")
                         .File("gone/deep", "x")
                         .File("removed")
                         .Dir("opaque", 0700)
                         .File("opaque/old")
                         .Dir("opaque/sub")
                         .File("opaque/sub/x")
                         .Dir("merged", 0711)
                         .File("merged/below", "below")
                         .File("dir-becomes-file/x")
                         .File("file-becomes-dir")
                         .Symlink("link-becomes-dir", "/etc")
                         .Symlink("link-becomes-file", "merged/below")
                         .File("hard", "h")
                         .Link("hard2", "hard")
                         .File("back")
                         .Add({.name = "fifo", .type = '6'})
                         .End());
  UnpackTo(t + "/2", TarBuilder()
                         .File(".wh.gone")
                         .File(".wh.removed")
                         .Dir("opaque", 0755)
                         .File("opaque/.wh..wh..opq")
                         .File("opaque/new")
                         .Add({.name = "merged", .type = '5', .mode = 02755, .uid = 7, .gid = 8, .mtime = 77})
                         .File("merged/above", "above")
                         .File("dir-becomes-file", "file")
                         .Dir("file-becomes-dir")
                         .File("file-becomes-dir/in")
                         .Dir("link-becomes-dir")
                         .File("link-becomes-dir/in")
                         .File("link-becomes-file", "own")
                         .File(".wh.back")
                         .Link("merged/twin", "merged/above")
                         .End());
  UnpackTo(t + "/3",
           TarBuilder().File("back", "again").Dir("gone").File("gone/other").File("merged/.wh.below").File("hard2", "alone").End());
  for (const char* layer : {"/1", "/2", "/3"}) REQUIRE(Copy(t + layer, work.At("to")).ok());
  REQUIRE(Shell("mount -t overlay none -o lowerdir=" + t + "/3:" + t + "/2:" + t + "/1 " + work.At("m")));
  const auto shown = Listing(work.At("m"));
  Shell("umount -l " + work.At("m") + "; umount -l " + t);
  // Overlay counts the links of a file in its layer, of which one may be hidden.
  const auto without_links = [](const std::string& text) {
    return *Shell("echo '" + text + "' | sed 's/^hard f 644 0:0 [12] /hard f 644 0:0 n /'");
  };
  CHECK(without_links(Listing(work.At("to"))) == without_links(shown));
  CHECK(Content(work.At("to/hard")) == "h");
  CHECK(Content(work.At("to/link-becomes-file")) == "own");
  CHECK(Stat("/etc/in") == std::nullopt);
  CHECK(Content(work.At("to/back")) == "again");
}

TEST_CASE("a directory that is only implied leaves what it is to the layers below") {
  TempDir work;
  UnpackTo(work.At("1"), TarBuilder().Add({.name = "tmp", .type = '5', .mode = 01777, .uid = 3, .gid = 4, .mtime = 55}).End());
  const auto implied = UnpackTo(work.At("2"), TarBuilder().File("tmp/x").File("new/y").End());
  CHECK(implied == std::set<std::string>{"", "tmp", "new"});
  ::mkdir(work.At("to").c_str(), 0755);
  REQUIRE(Copy(work.At("1"), work.At("to")).ok());
  REQUIRE(Copy(work.At("2"), work.At("to"), {.shift = {1000, 65536}, .implied = implied}).ok());
  const auto tmp = Stat(work.At("to/tmp"));
  CHECK((tmp->st_mode & 07777) == 01777);
  CHECK(tmp->st_uid == 3);
  CHECK(tmp->st_mtim.tv_sec == 55);
  CHECK(Stat(work.At("to/new"))->st_uid == 1000);
  CHECK(Stat(work.At("to/tmp/x"))->st_gid == 1000);
}

TEST_CASE("owners are shifted wherever the kernel keeps one") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() + " && mkdir from to && cd from && mkdir d && touch d/f own && ln -s x link && chown -h 5:6 d/f link"));
  const std::string acl(
      "\2\0\0\0\1\0\6\0\377\377\377\377\2\0\4\0\11\0\0\0\4\0\4\0\377\377\377\377\20\0\6\0\377\377\377\377\40\0\0\0\377\377\377\377", 44);
  const std::string capability("\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  REQUIRE(::setxattr(work.At("from/own").c_str(), "system.posix_acl_access", acl.data(), acl.size(), 0) == 0);
  REQUIRE(::setxattr(work.At("from/own").c_str(), "security.capability", capability.data(), capability.size(), 0) == 0);
  REQUIRE(Copy(work.At("from"), work.At("to"), {.shift = {70000, 65536}}).ok());
  CHECK(Stat(work.At("to/d"))->st_uid == 70000);
  CHECK(Stat(work.At("to/d/f"))->st_uid == 70005);
  CHECK(Stat(work.At("to/link"))->st_gid == 70006);
  const auto shifted = Xattr(work.At("to/own"), "system.posix_acl_access");
  REQUIRE(shifted.size() == acl.size());
  std::uint32_t id = 0;
  std::memcpy(&id, shifted.data() + 16, sizeof id);
  CHECK(id == 70009);
  const auto rooted = Xattr(work.At("to/own"), "security.capability");
  REQUIRE(rooted.size() == 24);
  std::memcpy(&id, rooted.data() + 20, sizeof id);
  CHECK(id == 70000);
  REQUIRE(Shell("chown 65536 " + work.At("from/own")));
  const auto unmapped = Copy(work.At("from"), work.At("to"), {.shift = {70000, 65536}});
  REQUIRE(!unmapped.ok());
  CHECK(unmapped.failure().error == EINVAL);
  CHECK(unmapped.failure().object == "own: unmapped owner 65536:0");
}

TEST_CASE("what new files inherit from a directory below does not reach the layer above") {
  TempDir work;
  REQUIRE(
      Shell("cd " + work.path() + " && mkdir 1 2 to && mkdir 1/d 2/d && touch 2/d/f && mkdir 2/d/sub && chown 0:9 1/d && chmod 2775 1/d"));
  const std::string acl(
      "\2\0\0\0\1\0\7\0\377\377\377\377\2\0\7\0\11\0\0\0\4\0\5\0\377\377\377\377\20\0\7\0\377\377\377\377\40\0\0\0\377\377\377\377", 44);
  REQUIRE(::setxattr(work.At("1/d").c_str(), "system.posix_acl_default", acl.data(), acl.size(), 0) == 0);
  REQUIRE(Copy(work.At("1"), work.At("to")).ok());
  CHECK(Xattr(work.At("to/d"), "system.posix_acl_default") == acl);
  REQUIRE(Copy(work.At("2"), work.At("to")).ok());
  CHECK(Listing(work.At("to")) == Listing(work.At("2")));
  for (const char* name : {"to/d", "to/d/f", "to/d/sub"}) {
    CHECK(Xattr(work.At(name), "system.posix_acl_access") == "<No data available>");
    CHECK(Xattr(work.At(name), "system.posix_acl_default") == "<No data available>");
  }
}

TEST_CASE("no link of a layer below leads a copy out of its directory") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() +
                " && mkdir 1 2 to out && ln -s ../out 1/d && ln -s ../out/f 1/f && mkdir 2/d && echo new > 2/d/x && echo new > 2/f"));
  REQUIRE(Copy(work.At("1"), work.At("to")).ok());
  REQUIRE(Copy(work.At("2"), work.At("to")).ok());
  CHECK(*Shell("ls -A " + work.At("out")) == "");
  CHECK(Content(work.At("to/d/x")) == "new\n");
}

TEST_CASE("devices are left out where none can be made") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() + " && mkdir from to && mknod from/a c 1 3 && ln from/a from/b && touch to/b"));
  const auto copied = Copy(work.At("from"), work.At("to"), {.devices = false});
  REQUIRE(copied.ok());
  CHECK(copied->skipped_devices == 2);
  CHECK(Listing(work.At("to")) == "");
}

TEST_CASE("depth costs no descriptors") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() + " && mkdir from to && cd from && for i in $(seq 500); do mkdir d && cd -P d; done && echo deep > f"));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{40, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  const auto copied = Copy(work.At("from"), work.At("to"));
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(copied.ok());
  CHECK(copied->entries == 501);
  std::string path = "to";
  for (int i = 0; i < 500; ++i) path += "/d";
  CHECK(Content(work.At(path + "/f")) == "deep\n");
}

TEST_CASE("on an overlay, where no whiteout device can be made, files mark what is hidden") {
  TempDir work;
  REQUIRE(
      Shell("cd " + work.path() +
            " && mkdir t && mount -t tmpfs none t && cd t && mkdir l u w m && mount -t overlay none -o lowerdir=l,upperdir=u,workdir=w m"));
  const auto m = work.At("t/m");
  CHECK(LiesOnOverlay(OpenDir(m).get()));
  CHECK(!LiesOnOverlay(OpenDir(work.At("t")).get()));
  UnpackTo(m + "/1", TarBuilder().File("gone/x").File("d/old").File("tree/old").File("keep").End());
  UnpackTo(m + "/2", TarBuilder()
                         .File(".wh.gone")
                         .File("d/.wh..wh..opq")
                         .File("d/new")
                         .File("tree/new")
                         .File(".wh.tree")
                         .File("keep", "2")
                         .File(".wh.keep")
                         .End());
  ::mkdir((m + "/to").c_str(), 0755);
  const bool copied = Copy(m + "/1", m + "/to").ok() && Copy(m + "/2", m + "/to").ok();
  const auto seen = Shell("cd " + m + "/to && find . -mindepth 1 | sort");
  const auto keep = Content(m + "/to/keep");
  Shell("umount -l " + m + "; umount -l " + work.At("t"));
  CHECK(copied);
  CHECK(seen == "./d\n./d/new\n./keep\n./tree\n./tree/new\n");
  CHECK(keep == "2");
}

TEST_CASE("without attributes a file marks an opaque directory") {
  TempDir work;
  REQUIRE(Shell("cd " + work.path() + " && mkdir 1 2 to && mkdir 1/d 2/d && touch 1/d/old 2/d/new"));
  const auto dir = OpenDir(work.At("2/d"));
  REQUIRE(WriteMarkerFile(dir.get(), ".wh..wh..opq").ok());
  REQUIRE(WriteMarkerFile(dir.get(), ".wh..wh..opq").ok());
  REQUIRE(Copy(work.At("1"), work.At("to")).ok());
  REQUIRE(Copy(work.At("2"), work.At("to")).ok());
  CHECK(*Shell("cd " + work.At("to") + " && find . -mindepth 1 | sort") == "./d\n./d/new\n");
}
