// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

// Reads everything; the failure where there is one.
Status ReadAll(std::string_view tar, TarLimits limits = {}, std::vector<TarEntry>* entries = nullptr, std::size_t chunk = 777) {
  StringSource source(tar, chunk);
  TarReader reader(source, limits);
  TarEntry entry;
  while (TSC_TRY(reader.Next(entry))) {
    if (entries != nullptr) entries->push_back(entry);
    while (!TSC_TRY(reader.Read()).bytes.empty()) continue;
  }
  return {};
}

int ErrorOf(const Status& status) { return status ? 0 : status.failure().error; }

std::string Base256(std::uint64_t value, std::size_t width) {
  std::string field(width, '\0');
  for (std::size_t i = width; i-- > 1; value >>= 8) field[i] = static_cast<char>(value & 0xff);
  field[0] = static_cast<char>(0x80);
  return field;
}

}  // namespace

TEST_CASE("truncation is an error wherever it happens inside an entry") {
  const auto tar = TarBuilder().File("first", std::string(600, 'x')).Pax(TarBuilder::Record("path", "second")).File("s", "data").Open();
  for (std::size_t size = 1; size < tar.size(); ++size) {
    const bool boundary = size == 512 + 1024;  // behind the first entry
    if (ErrorOf(ReadAll(std::string_view(tar).substr(0, size))) != (boundary ? 0 : EBADMSG)) FAIL("cut at " << size);
  }
  CHECK(ReadAll(tar).ok());  // no zero blocks at the end
  CHECK(ReadAll("").ok());
}

TEST_CASE("a failure says what and where") {
  const auto status = ReadAll(TarBuilder().File("a").Add({.name = "b", .data = "12", .size = 5000}).Open());
  CHECK(status.failure().step == "read tar");
  CHECK(status.failure().object == "truncated at entry 2 (b)");
  auto bad = TarBuilder().File("a").File("b").End();
  bad[512 + 1] ^= 4;
  CHECK(ReadAll(bad).failure().object == "bad header checksum at entry 2");
}

TEST_CASE("a lone zero block is no end") {
  CHECK(ErrorOf(ReadAll(TarBuilder().File("a").Raw(std::string(512, '\0')).File("b").End())) == EBADMSG);
}

TEST_CASE("GNU base-256 numbers") {
  auto block = TarBuilder::Block({.name = "f"});
  block.replace(108, 8, Base256(3'000'000'000, 8));
  block.replace(136, 12, std::string(12, '\xff'));  // -1
  std::vector<TarEntry> entries;
  REQUIRE(ReadAll(TarBuilder().Raw(TarBuilder::Seal(block)).End(), {}, &entries).ok());
  CHECK(entries[0].uid == 3'000'000'000);
  CHECK(entries[0].mtime.tv_sec == -1);
  block.replace(124, 12, std::string(12, '\xff'));
  CHECK(ErrorOf(ReadAll(TarBuilder::Seal(block))) == EBADMSG);
  block.replace(124, 12, "\x80\x01" + std::string(10, '\0'));  // more than 64 bits
  CHECK(ErrorOf(ReadAll(TarBuilder::Seal(block))) == EBADMSG);
}

TEST_CASE("sizes that claim what is not there") {
  auto block = TarBuilder::Block({.name = "f"});
  block.replace(124, 12, Base256(std::uint64_t{1} << 62, 12));
  CHECK(ErrorOf(ReadAll(TarBuilder::Seal(block))) == EFBIG);
  CHECK(ErrorOf(ReadAll(TarBuilder().Add({.name = "L", .type = 'L', .size = 0777777777}).End())) == EFBIG);
  CHECK(ErrorOf(ReadAll(TarBuilder().Add({.name = "x", .type = 'x', .size = 0777777777}).End())) == EFBIG);
  CHECK(ErrorOf(ReadAll(TarBuilder().Add({.name = "g", .type = 'g', .size = 0777777777}).End())) == EFBIG);
  CHECK(ErrorOf(ReadAll(TarBuilder().Pax(TarBuilder::Record("size", "18446744073709551616")).File("f").End())) == EBADMSG);
}

TEST_CASE("a PAX size wins over the header's, so that no entry can hide in another") {
  const auto inner = TarBuilder().File("hidden").Open();
  std::vector<TarEntry> entries;
  const auto tar = TarBuilder().Pax(TarBuilder::Record("size", "512")).Add({.name = "outer", .data = inner, .size = 0}).File("after").End();
  REQUIRE(ReadAll(tar, {}, &entries).ok());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].size == 512);
  CHECK(entries[1].name == "after");
}

TEST_CASE("malformed PAX records") {
  for (const std::string records :
       {"5 a=b\n", "7 a=b\n", "6 ab=\n7", "99999999999999999999 a=b\n", "6 =bc\n", "a=b\n", "3 a", "0 a=b\n", "-6 a=b\n"}) {
    CAPTURE(records);
    CHECK(ErrorOf(ReadAll(TarBuilder().Pax(records).File("f").End())) == EBADMSG);
  }
  CHECK(ErrorOf(ReadAll(TarBuilder().Pax(TarBuilder::Record("path", "x")).End())) == EBADMSG);
}

TEST_CASE("links, devices and directories have no data, whatever their size says") {
  for (const char type : {'1', '2', '3', '4', '5', '6'}) {
    std::vector<TarEntry> entries;
    REQUIRE(ReadAll(TarBuilder().Add({.name = "a", .type = type, .link = "x", .size = 512}).File("b").End(), {}, &entries).ok());
    CHECK(entries.size() == 2);
  }
}

TEST_CASE("limits: entries, names, all files together") {
  const auto tar = TarBuilder().File("a", "123").File("b", "456").File("c").End();
  CHECK(ErrorOf(ReadAll(tar, {.entries = 2})) == E2BIG);
  CHECK(ReadAll(tar, {.entries = 3}).ok());
  CHECK(ErrorOf(ReadAll(tar, {.file_bytes = 5})) == EFBIG);
  CHECK(ErrorOf(ReadAll(TarBuilder().Pax(TarBuilder::Record("path", std::string(5000, 'x'))).File("f").End())) == ENAMETOOLONG);
}

TEST_CASE("unknown types are refused, global headers skipped") {
  CHECK(ErrorOf(ReadAll(TarBuilder().Add({.name = "v", .type = 'V'}).End())) == EBADMSG);
  std::vector<TarEntry> entries;
  REQUIRE(
      ReadAll(TarBuilder().Add({.name = "g", .type = 'g', .data = TarBuilder::Record("path", "evil")}).File("f").End(), {}, &entries).ok());
  CHECK(entries[0].name == "f");
}

TEST_CASE("sparse files of every format") {
  for (const std::string format : {"--format=gnu", "--format=oldgnu", "--format=pax --sparse-version=0.0",
                                   "--format=pax --sparse-version=0.1", "--format=pax --sparse-version=1.0"}) {
    CAPTURE(format);
    TempDir source;
    TempDir target;
    // Enough runs for several extension blocks, a hole at the end, one at the start.
    REQUIRE(Shell("cd " + source.path() +
                  " && for i in $(seq 60); do printf data$i | dd of=s bs=1 seek=$((i * 100000)) conv=notrunc status=none; done; "
                  "truncate -s 9000001 s; truncate -s 1000000 empty; cp s t"));
    const auto tar = Shell("tar -C " + source.path() + " -S " + format + " -cf - .");
    REQUIRE(tar);
    CHECK(tar->size() < 2'000'000);
    auto result = Unpack(*tar, target);
    REQUIRE_MESSAGE(result.ok(), result.failure().object);
    CHECK(Shell("diff -r " + source.path() + " " + target.path()));
    CHECK(Stat(target.At("s"))->st_blocks < 4000);
    CHECK(*Shell("cd " + target.path() + " && ls -A") == "empty\ns\nt\n");
  }
}

TEST_CASE("sparse maps that lie") {
  const auto map = [](const std::string& text, const std::string& size, const std::string& data = "") {
    return TarBuilder().Pax(TarBuilder::Record("GNU.sparse.map", text) + TarBuilder::Record("GNU.sparse.size", size)).File("f", data).End();
  };
  CHECK(ReadAll(map("1,4", "10", "data")).ok());
  CHECK(ErrorOf(ReadAll(map("1,4", "4", "data"))) == EBADMSG);       // behind the end
  CHECK(ErrorOf(ReadAll(map("1,4,0,0", "10", "data"))) == EBADMSG);  // backwards
  CHECK(ErrorOf(ReadAll(map("1,5", "10", "data"))) == EBADMSG);      // more than is there
  CHECK(ErrorOf(ReadAll(map("1,3", "10", "data"))) == EBADMSG);      // less
  CHECK(ErrorOf(ReadAll(map("1", "10", "data"))) == EBADMSG);        // half a pair
  CHECK(ErrorOf(ReadAll(map("0,1,2,3", "10", "data"))) == EBADMSG);  // readers disagree about padding
  CHECK(ErrorOf(ReadAll(map("9223372036854775807,0", "9223372036854775807"))) == EBADMSG);
  CHECK(ErrorOf(ReadAll(map("0,4", "4000000000000000000", "data"))) == EFBIG);
}

TEST_CASE("bsdtar's archives, long names and attributes included") {
  TempDir source;
  TempDir target;
  const std::string longer(200, 'n');
  if (!Shell("command -v bsdtar >/dev/null")) {
    MESSAGE("skipped: bsdtar is not installed");
    return;
  }
  REQUIRE(Shell("cd " + source.path() + " && mkdir " + longer + " && echo 1 > " + longer + "/" + longer + " && ln -s " + longer + "/" +
                longer + " l && setfattr -n user.a -v b l/../" + longer + " 2>/dev/null; setfattr -n user.a -v b " + longer + " && true"));
  for (const std::string format : {"pax", "gnutar"}) {
    CAPTURE(format);
    TempDir out;
    const auto tar = Shell("cd " + source.path() + " && bsdtar --format " + format + " -cf - . 2>/dev/null");
    REQUIRE(tar);
    auto result = Unpack(*tar, out);
    REQUIRE_MESSAGE(result.ok(), result.failure().object);
    CHECK(Shell("diff -r " + source.path() + " " + out.path()));
    if (format == "pax") CHECK(Xattr(out.At(longer), "user.a") == "b");
  }
}
