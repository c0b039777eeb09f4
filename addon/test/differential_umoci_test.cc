// SPDX-License-Identifier: Apache-2.0
// Layers of made-up entries, unpacked and laid over each other by us and by umoci.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <random>
#include <set>

#include "layer/copy_tree.h"
#include "layer/sha256.h"
#include "layer_support.h"
#include "made_cases.h"
#include "tree_listing.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr std::uint32_t kUsualCases = 2;
constexpr std::size_t kLayers = 3;

// One layer. Few names, so that layers meet; an entry is not hidden by the layer that has it, of which every engine thinks otherwise.
class RandomLayer {
 public:
  explicit RandomLayer(std::mt19937& random) : random_(random) {}

  std::string Make() {
    Fill("", 0);
    return tar_.End();
  }

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }
  unsigned Id() { return static_cast<unsigned>(Below(3) * 1000); }

  void Fill(const std::string& directory, int depth) {
    if (depth > 0 && Below(5) == 0) tar_.File(directory + ".wh..wh..opq");
    for (const char name : {'a', 'b', 'c'}) {
      const std::size_t kind = Below(9);
      const std::string path = directory + name;
      if (kind == 0) tar_.File(directory + ".wh." + name);
      if (kind == 1 || kind == 2) Add(path, '0', std::string(Below(2000), name));
      if (kind == 3) Add(path, '2', {}, "../a/b");
      if (kind == 4) Add(path, '6');
      if (kind == 5 && !last_file_.empty()) tar_.Link(path, last_file_);
      if (kind < 6) continue;
      if (depth == 2) continue;
      Add(path, '5');
      Fill(path + "/", depth + 1);
    }
  }

  void Add(const std::string& path, char type, const std::string& data = {}, const std::string& link = {}) {
    static constexpr unsigned kModes[] = {0644, 0755, 0700, 01777, 02755};
    tar_.Add({.name = path,
              .type = type,
              .data = data,
              .link = link,
              .mode = kModes[Below(std::size(kModes))],
              .uid = Id(),
              .gid = Id(),
              .mtime = static_cast<unsigned>(1'000'000'000 + Below(1000))});
    if (type == '0') last_file_ = path;
  }

  std::mt19937& random_;
  TarBuilder tar_;
  std::string last_file_;
};

void Write(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  REQUIRE(WriteAll(file.get(), text, path).ok());
}

std::string DigestOf(std::string_view data) {
  Sha256 hash;
  hash.Update(data);
  return hash.Digest();
}

// Puts a blob into the layout; what a descriptor says of it.
std::string AddBlob(const TempDir& work, const std::string& type, std::string_view data) {
  const std::string digest = DigestOf(data);
  Write(work.At("layout/blobs/sha256/" + digest.substr(7)), data);
  return R"({"mediaType":"application/vnd.oci.image.)" + type + R"(","digest":")" + digest + R"(","size":)" + std::to_string(data.size());
}

void WriteLayout(const TempDir& work, const std::vector<std::string>& layers) {
  REQUIRE(Shell("mkdir -p " + work.At("layout/blobs/sha256")));
  std::string diff_ids, descriptors;
  for (const auto& layer : layers) {
    diff_ids += (diff_ids.empty() ? "\"" : ",\"") + DigestOf(layer) + "\"";
    descriptors += (descriptors.empty() ? "" : ",") + AddBlob(work, "layer.v1.tar", layer) + "}";
  }
  const auto config =
      AddBlob(work, "config.v1+json",
              R"({"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[)" + diff_ids + "]}}");
  const auto manifest = AddBlob(work, "manifest.v1+json",
                                R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" + config +
                                    R"(},"layers":[)" + descriptors + "]}");
  Write(work.At("layout/index.json"),
        R"({"schemaVersion":2,"manifests":[)" + manifest + R"(,"annotations":{"org.opencontainers.image.ref.name":"x"}}]})");
  Write(work.At("layout/oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
}

UniqueFd Directory(const std::string& path) {
  ::mkdir(path.c_str(), 0755);
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Status LayOver(const TempDir& work, const std::string& layer, int target) {
  REQUIRE(Shell("rm -rf " + work.At("layer")));
  const UniqueFd directory = Directory(work.At("layer")), input = Memory(layer);
  UnpackOptions options;
  options.input = input.get();
  options.target = directory.get();
  const auto unpacked = TSC_TRY(UnpackLayer(options));
  CopyTreeOptions copy;
  copy.source = directory.get();
  copy.target = target;
  copy.implied = {unpacked.implied_parents.begin(), unpacked.implied_parents.end()};
  TSC_TRY(CopyTree(copy));
  return {};
}

}  // namespace

TEST_CASE("layers laid over each other are what umoci unpacks") {
  if (::geteuid() != 0) return;  // owners
  ForEachCase(kUsualCases, [](std::uint32_t seed) {
    CAPTURE(seed);
    TempDir work;
    std::mt19937 random(seed);
    std::vector<std::string> layers;
    for (std::size_t i = 0; i < kLayers; ++i) layers.push_back(RandomLayer(random).Make());
    WriteLayout(work, layers);
    const UniqueFd ours = Directory(work.At("ours"));
    for (const auto& layer : layers) {
      const auto laid = LayOver(work, layer, ours.get());
      REQUIRE_MESSAGE(laid.ok(), laid.failure().step << ": " << laid.failure().object);
    }
    REQUIRE(Shell("umoci unpack --image " + work.At("layout:x") + " " + work.At("bundle") + " 2>&1"));
    const ListingOptions options{.root = false};
    CHECK(Difference(ListTree(work.At("ours"), options), ListTree(work.At("bundle/rootfs"), options)) == "");
  });
}
