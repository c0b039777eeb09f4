// SPDX-License-Identifier: Apache-2.0
// Directories that a layer only implies, and files with holes.
#include <doctest/doctest.h>

#include "layer/fix_up.h"
#include "layer/pack.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

UniqueFd Directory(const std::string& path) { return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

std::string PackOne(const std::string& path, bool live = false) {
  const UniqueFd source = Directory(path);
  const UniqueFd output(::memfd_create("layer", MFD_CLOEXEC));
  PackOptions options;
  options.source = source.get();
  options.output = output.get();
  options.live = live;
  const auto packed = PackLayer(options);
  REQUIRE_MESSAGE(packed.ok(), packed.failure().object);
  std::string blob(packed->size, '\0');
  REQUIRE(::pread(output.get(), blob.data(), blob.size(), 0) == static_cast<ssize_t>(blob.size()));
  return blob;
}

}  // namespace

TEST_CASE("implied directories get what the layers below say, and nothing else is in the fix") {
  TempDir one, two, three, target;
  REQUIRE(Shell("cd " + one.path() +
                " && mkdir -p a/b/c own && chmod 2750 a/b && chown 7:8 a/b && setfattr -n user.n -v v a/b && chmod 700 a && "
                "chmod 711 own && touch -d @5000 a/b && touch -d @6000 a"));
  REQUIRE(Shell("cd " + two.path() +
                " && mkdir -p a/b new/dir own && : > a/b/f && : > new/dir/f && chmod 755 a a/b new new/dir && chmod 770 own"));
  REQUIRE(Shell("cd " + three.path() + " && mkdir -p a/b && : > a/b/g"));
  std::vector<StackLayer> layers;
  layers.push_back({Directory(one.path()), {}});
  layers.push_back({Directory(two.path()), {"a/b", "a", "new", "new/dir"}});
  layers.push_back({Directory(three.path()), {"a/b", "a"}});
  const LayerStack stack(std::move(layers));
  const auto fixed = MakeFixUp({stack, {"", "a", "a/b", "new", "new/dir"}, target.fd()});
  REQUIRE_MESSAGE(fixed.ok(), fixed.failure().object);
  CHECK(*fixed == 2);
  CHECK(*Shell("cd " + target.path() + " && find . -mindepth 1 -printf '%p %m %U:%G %Ts\\n' | sort") ==
        "./a 700 0:0 6000\n./a/b 2750 7:8 5000\n");
  CHECK(Xattr(target.At("a/b"), "user.n") == "v");
}

TEST_CASE("an implied directory that hides its lower content keeps what it was like") {
  TempDir one, two, target;
  REQUIRE(Shell("mkdir -p " + one.At("d/sub") + " && chmod 711 " + one.At("d") + " " + one.At("d/sub")));
  REQUIRE(Shell("mkdir -p " + two.At("d/sub") + " && setfattr -n trusted.overlay.opaque -v y " + two.At("d")));
  std::vector<StackLayer> layers;
  layers.push_back({Directory(one.path()), {}});
  layers.push_back({Directory(two.path()), {"d", "d/sub"}});
  const LayerStack stack(std::move(layers));
  CHECK(*MakeFixUp({stack, {"d", "d/sub"}, target.fd()}) == 1);
  CHECK(*Shell("cd " + target.path() + " && find . -mindepth 1 -printf '%p %m\n'") == "./d 711\n");
}

TEST_CASE("what a layer between removed, or hid, is not fixed") {
  TempDir one, two, three, target;
  REQUIRE(Shell("mkdir -p " + one.At("a") + " && chmod 700 " + one.At("a")));
  REQUIRE(Shell("mknod " + two.At("a") + " c 0 0"));
  REQUIRE(Shell("mkdir " + three.At("a") + " && : > " + three.At("a/f")));
  std::vector<StackLayer> layers;
  layers.push_back({Directory(one.path()), {}});
  layers.push_back({Directory(two.path()), {}});
  layers.push_back({Directory(three.path()), {"a"}});
  const LayerStack stack(std::move(layers));
  CHECK(*MakeFixUp({stack, {"a"}, target.fd()}) == 0);
}

TEST_CASE("files with holes are packed as their data, which every reader understands") {
  TempDir source, target, other;
  REQUIRE(Shell("cd " + source.path() +
                " && truncate -s 4G empty && truncate -s 1G holes && printf begin | dd of=holes conv=notrunc status=none && "
                "printf middle | dd of=holes bs=1 seek=500000000 conv=notrunc status=none && printf end | dd of=holes bs=1 seek=1073741821 "
                "conv=notrunc status=none && dd if=/dev/urandom of=plain bs=1M count=2 status=none"));
  const auto blob = PackOne(source.path());
  CHECK(blob.size() < (3 << 20));
  REQUIRE(Unpack(blob, target).ok());
  CHECK(Stat(target.At("empty"))->st_size == std::int64_t{4} << 30);
  CHECK(Stat(target.At("holes"))->st_blocks < 100);
  REQUIRE(Shell("cmp " + source.At("holes") + " " + target.At("holes") + " && cmp " + source.At("plain") + " " + target.At("plain")));
  const UniqueFd file(::open(other.At("t.tar").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(WriteAll(file.get(), blob, "t.tar"));
  for (const std::string tar : {"tar", "bsdtar"}) {
    REQUIRE(Shell("cd " + other.path() + " && mkdir x && " + tar + " -C x -xf t.tar && cmp x/holes " + source.At("holes")));
    CHECK(Stat(other.At("x/empty"))->st_size == std::int64_t{4} << 30);
    Shell("rm -r " + other.At("x"));
  }
  // The same content with its holes elsewhere.
  REQUIRE(Shell("cd " + other.path() + " && mkdir y && cp --sparse=always " + source.At("holes") +
                " y/holes && fallocate -o 4096 -l 8192 y/holes"));
  REQUIRE(Shell("cd " + source.path() + " && rm empty plain && touch -d @1 holes " + other.At("y/holes")));
  CHECK(PackOne(source.path()) == PackOne(other.At("y")));
}

TEST_CASE("a live tree keeps names that would be markers in a layer") {
  TempDir source;
  Shell(": > " + source.At(".wh.x"));
  CHECK(PackOne(source.path(), true).starts_with(".wh.x"));
}
