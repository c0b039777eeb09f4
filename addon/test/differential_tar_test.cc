// SPDX-License-Identifier: Apache-2.0
// What GNU tar, libarchive and Python pack, unpacked by us and by GNU tar; and what we pack, unpacked by all of them. What is allowed to
// differ stands in docs/fuzzing.md.
#include <doctest/doctest.h>

#include "layer/pack.h"
#include "layer_support.h"
#include "made_cases.h"
#include "random_tree.h"
#include "tree_listing.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr std::uint32_t kUsualCases = 2;

struct Packer {
  std::string name;
  const char* command;  // in the directory, to standard output
  // GNU tar finishes a directory when it leaves it, and bsdtar puts more there later; and what a format cannot hold is left out.
  bool settled = true;
};
const Packer kPackers[] = {
    {"gnu", "tar --format=gnu -cf - ."},
    {"gnu, sparse", "tar --format=gnu -Scf - ."},
    {"oldgnu", "tar --format=oldgnu -Scf - ."},
    {"posix", "tar --format=posix --xattrs --xattrs-include='*' -cf - ."},
    {"posix, sparse 1.0", "tar --format=posix -Scf - ."},
    {"posix, sparse 0.1", "tar --format=posix --sparse-version=0.1 -Scf - ."},
    {"posix, sparse 0.0", "tar --format=posix --sparse-version=0.0 -Scf - ."},
    {"ustar", "tar --format=ustar -cf - . || true", false},
    {"v7", "tar --format=v7 -cf - . || true", false},
    {"bsdtar pax", "bsdtar --format=pax -cf - .", false},
    {"bsdtar gnutar", "bsdtar --format=gnutar -cf - .", false},
    {"bsdtar ustar", "bsdtar --format=ustar -cf - . || true", false},
    {"python gnu",
     "python3 -c 'import sys,tarfile;tarfile.open(fileobj=sys.stdout.buffer,mode=\"w|\",format=tarfile.GNU_FORMAT).add(\".\")'"},
    {"python pax",
     "python3 -c 'import sys,tarfile;tarfile.open(fileobj=sys.stdout.buffer,mode=\"w|\",format=tarfile.PAX_FORMAT).add(\".\")'"},
};

// Without -P a symbolic link with ".." gets its place last, after the times of its directory were set.
constexpr const char kGnuUnpacks[] = "tar --xattrs --xattrs-include='*' --numeric-owner --same-owner -P -xpf ../archive 2>../said";

Status UnpackOurs(const std::string& archive, const std::string& target) {
  UnpackOptions options;
  const UniqueFd input(::open(archive.c_str(), O_RDONLY | O_CLOEXEC)),
      directory(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  options.input = input.get();
  options.target = directory.get();
  options.single_id = ::geteuid() != 0;
  TSC_TRY(UnpackLayer(options));
  return {};
}

std::string In(const TempDir& work, const char* directory, const std::string& command) {
  return "cd " + work.At(directory) + " && " + command;
}

void CheckPacker(const TempDir& work, const Packer& packer) {
  CAPTURE(packer.name);
  REQUIRE(Shell("cd " + work.path() + " && rm -rf theirs ours && mkdir theirs ours"));
  REQUIRE(Shell(In(work, "tree", "{ " + std::string(packer.command) + "; } >../archive 2>../said")));
  const bool theirs = Shell(In(work, "theirs", kGnuUnpacks)).has_value();
  const auto ours = UnpackOurs(work.At("archive"), work.At("ours"));
  // GNU tar unpacks what it can of an archive whose links lead to what a format could not hold.
  if (!theirs) return;
  REQUIRE_MESSAGE(ours.ok(), ours.failure().step << ": " << ours.failure().object);
  const ListingOptions options{.settled_directories = packer.settled};
  CHECK(Difference(ListTree(work.At("ours"), options), ListTree(work.At("theirs"), options)) == "");
}

void CheckOwnArchive(const TempDir& work, const std::string& name, const std::string& unpack, const ListingOptions& options) {
  CAPTURE(name);
  REQUIRE(Shell("cd " + work.path() + " && rm -rf theirs && mkdir theirs"));
  const bool unpacked = Shell(In(work, "theirs", unpack)).has_value();
  REQUIRE_MESSAGE(unpacked, Content(work.At("said")));
  CHECK(Difference(ListTree(work.At("theirs"), options), ListTree(work.At("tree"), options)) == "");
}

void PackOurs(const TempDir& work) {
  const UniqueFd source(::open(work.At("tree").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd output(::open(work.At("archive").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  PackOptions options;
  options.source = source.get();
  options.output = output.get();
  options.root_entry = true;
  REQUIRE(PackLayer(options).ok());
}

}  // namespace

TEST_CASE("what other programs pack is unpacked as GNU tar does it") {
  ForEachCase(kUsualCases, [](std::uint32_t seed) {
    CAPTURE(seed);
    TempDir work;
    REQUIRE(::mkdir(work.At("tree").c_str(), 0755) == 0);
    RandomTree(work.At("tree"), seed).Make();
    for (const auto& packer : kPackers) CheckPacker(work, packer);
  });
}

TEST_CASE("what we pack is unpacked by other programs as it was") {
  ForEachCase(kUsualCases, [](std::uint32_t seed) {
    CAPTURE(seed);
    TempDir work;
    REQUIRE(::mkdir(work.At("tree").c_str(), 0755) == 0);
    RandomTree(work.At("tree"), seed).Make();
    PackOurs(work);
    // Times in layers are whole seconds, as everywhere.
    CheckOwnArchive(work, "GNU tar", kGnuUnpacks, {.nanoseconds = false});
    // It complains about names that are not UTF-8, and unpacks them; the directory that it is in keeps its time.
    const std::string unpack = "LC_ALL=C.UTF-8 bsdtar --numeric-owner --same-owner -P -xpf ../archive 2>../said || true";
    CheckOwnArchive(work, "bsdtar", unpack, {.nanoseconds = false, .root = false});
  });
}
