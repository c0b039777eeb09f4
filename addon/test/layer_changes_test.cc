// SPDX-License-Identifier: Apache-2.0
// What a container changed: found in the upper directory of a real overlay and in a whole copy of it, packed, and laid over the layers
// again.
#include <doctest/doctest.h>

#include "layer/copy_tree.h"
#include "layer/pack.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

std::vector<StackLayer> Layers(const std::vector<std::string>& paths) {
  std::vector<StackLayer> layers;
  for (const auto& path : paths) layers.push_back({UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), {}});
  return layers;
}

std::string Listed(const std::vector<TreeChange>& changes) {
  std::string text;
  for (const auto& change : changes) text += std::string(1, static_cast<char>(change.kind)) + " " + change.path + "\n";
  return text;
}

// Two layers of unpacked files, and an overlay over them with which `script` did something; "merged" is a copy of what was to be seen.
struct Overlay {
  TempDir box;
  UniqueFd upper, merged;
  LayerStack stack;

  explicit Overlay(const std::string& script, const std::string& below = "") : stack({}) {
    const std::string t = box.At("t");
    REQUIRE(Shell(
        "mkdir " + t + " && mount -t tmpfs none " + t + " && cd " + t +
        " && mkdir one two upper work merged copy && mkdir -p one/etc one/d/sub one/gone one/keep && echo 1 > one/etc/a && "
        "echo 2 > one/d/sub/x && echo 3 > one/d/y && echo 4 > one/gone/z && echo 5 > one/keep/k && ln -s k one/keep/l && "
        "mkdir -p two/keep && echo 6 > two/keep/m && mknod two/keep/l c 0 0 && touch -d @1000 one/keep two/keep one/d one/etc " +
        (below.empty() ? "" : "&& " + below) +
        " && mount -t overlay none -o redirect_dir=off,metacopy=off,lowerdir=two:one,upperdir=upper,workdir=work merged && (cd merged && " +
        script + ") && cp -a merged/. copy && umount merged"));
    upper.reset(::open(box.At("t/upper").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    merged.reset(::open(box.At("t/copy").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    stack = LayerStack(Layers({box.At("t/one"), box.At("t/two")}));
  }
  ~Overlay() {
    upper.reset();
    merged.reset();
    stack = LayerStack({});
    Shell("umount -l " + box.At("t"));
  }
};

constexpr const char kScript[] =
    "rm -r gone d && mkdir -p d/sub && echo new > d/n && echo 7 >> etc/a && mkdir added && ln -s x added/l && rm keep/m && "
    "mkfifo added/f && : > temporary && rm temporary && echo back > keep/l";
constexpr const char kExpected[] =
    "A added\nA added/f\nA added/l\nC d\nA d/n\nC d/sub\nD d/sub/x\nD d/y\nC etc\nC etc/a\nD gone\nC keep\nA keep/l\nD keep/m\n";

}  // namespace

TEST_CASE("what a container changed is found in its upper directory, and in a copy of its root") {
  const Overlay overlay(kScript);
  TreeChangesOptions options;
  options.tree = overlay.upper.get();
  auto changes = FindTreeChanges(options, overlay.stack);
  REQUIRE_MESSAGE(changes.ok(), changes.failure().object);
  CHECK(Listed(*changes) == kExpected);
  options.tree = overlay.merged.get();
  options.whole = true;
  changes = FindTreeChanges(options, overlay.stack);
  REQUIRE_MESSAGE(changes.ok(), changes.failure().object);
  CHECK(Listed(*changes) == kExpected);
}

TEST_CASE("nothing done is nothing changed, and what undid itself neither") {
  const Overlay overlay("true");
  TreeChangesOptions options;
  options.tree = overlay.merged.get();
  options.whole = true;
  CHECK(FindTreeChanges(options, overlay.stack)->empty());
  options.whole = false;
  options.tree = overlay.upper.get();
  CHECK(FindTreeChanges(options, overlay.stack)->empty());
}

TEST_CASE("what was copied up and is what it was is no change, where contents are compared") {
  const Overlay overlay("chmod u+rw etc/a && ln etc/a etc/again");
  TreeChangesOptions options;
  options.tree = overlay.upper.get();
  CHECK(Listed(*FindTreeChanges(options, overlay.stack)) == "C etc\nC etc/a\nA etc/again\n");
  options.compare = true;
  CHECK(Listed(*FindTreeChanges(options, overlay.stack)) == "C etc\nA etc/again\n");
  REQUIRE(Shell("f=" + overlay.box.At("t/upper/etc/a") +
                "; touch -r $f $f.time && printf x | dd of=$f conv=notrunc 2>/dev/null && touch -r $f.time $f && rm $f.time"));
  CHECK(Listed(*FindTreeChanges(options, overlay.stack)).find("C etc/a\n") != std::string::npos);
}

TEST_CASE("a whiteout or an opaque mark over nothing changes nothing below it") {
  const Overlay overlay("true");
  const auto at = [&](const char* name) { return overlay.box.At(std::string("t/upper/") + name); };
  REQUIRE(
      Shell("mknod " + at("nothing") + " c 0 0 && mkdir " + at("fresh") + " && setfattr -n trusted.overlay.opaque -v y " + at("fresh")));
  TreeChangesOptions options;
  options.tree = overlay.upper.get();
  CHECK(Listed(*FindTreeChanges(options, overlay.stack)) == "A fresh\n");
}

TEST_CASE("a layer of the changes, laid over the layers, is what the container saw") {
  const Overlay overlay(kScript);
  for (const bool whole : {false, true}) {
    TreeChangesOptions find;
    find.tree = whole ? overlay.merged.get() : overlay.upper.get();
    find.whole = whole;
    const auto changes = FindTreeChanges(find, overlay.stack);
    const UniqueFd output(::memfd_create("layer", MFD_CLOEXEC));
    PackOptions pack;
    pack.source = find.tree;
    pack.output = output.get();
    const auto packed = PackChanges(pack, *changes);
    REQUIRE_MESSAGE(packed.ok(), packed.failure().object);
    std::string blob(packed->size, '\0');
    REQUIRE(::pread(output.get(), blob.data(), blob.size(), 0) == static_cast<ssize_t>(blob.size()));
    TempDir layer;
    REQUIRE(Unpack(blob, layer).ok());
    CHECK(IsWhiteout(layer.At("gone")));
    CHECK(IsWhiteout(layer.At("d/sub/x")));
    TempDir result;
    for (const auto& each : Layers({overlay.box.At("t/one"), overlay.box.At("t/two"), layer.path()})) {
      CopyTreeOptions copy;
      copy.source = each.root.get();
      copy.target = result.fd();
      REQUIRE(CopyTree(copy).ok());
    }
    const auto list = [](const std::string& path) {
      return *Shell("cd " + path + " && find . -mindepth 1 -printf '%p %y %m %U %G %l %Ts\\n' | sort && cat d/n etc/a keep/l");
    };
    CHECK(list(result.path()) == list(overlay.box.At("t/copy")));
  }
}

TEST_CASE("owners of the upper directory are those of the container, in access lists too") {
  // u::rw-,u:100007:r--,g::r--,m::rw-,o::r-- (linux/posix_acl_xattr.h)
  const std::string acl = "0x0200000001000600ffffffff02000400a786010004000400ffffffff10000600ffffffff20000400ffffffff";
  const Overlay overlay(": > mine && chown 100005:100006 mine && chown 100000:100000 etc && setfattr -n system.posix_acl_access -v " + acl +
                        " mine");
  TreeChangesOptions find;
  find.tree = overlay.upper.get();
  find.id_base = 100000;
  const auto changes = FindTreeChanges(find, overlay.stack);
  // `etc` was given to the one who is root there: as the layer has it.
  CHECK(Listed(*changes) == "A mine\n");
  const UniqueFd output(::memfd_create("layer", MFD_CLOEXEC));
  PackOptions pack;
  pack.source = find.tree;
  pack.output = output.get();
  pack.id_base = 100000;
  pack.id_count = 65536;
  const auto packed = PackChanges(pack, *changes);
  REQUIRE(packed.ok());
  std::string blob(packed->size, '\0');
  REQUIRE(::pread(output.get(), blob.data(), blob.size(), 0) > 0);
  TempDir layer;
  REQUIRE(Unpack(blob, layer).ok());
  CHECK(Stat(layer.At("mine"))->st_uid == 5);
  CHECK(Stat(layer.At("mine"))->st_gid == 6);
  const auto unpacked = Xattr(layer.At("mine"), "system.posix_acl_access");
  REQUIRE(unpacked.size() == 44);
  CHECK(unpacked.substr(12, 8) == std::string("\x02\0\x04\0\x07\0\0\0", 8));
}

TEST_CASE("a renamed directory, whose content is elsewhere, is refused") {
  const Overlay overlay("true");
  Shell("mkdir " + overlay.box.At("t/upper/moved") + " && setfattr -n trusted.overlay.redirect -v /d " + overlay.box.At("t/upper/moved"));
  TreeChangesOptions options;
  options.tree = overlay.upper.get();
  CHECK(FindTreeChanges(options, overlay.stack).failure().error == EOPNOTSUPP);
}
