// SPDX-License-Identifier: Apache-2.0
// The kept inputs, among them all that once found something, through the same code that libFuzzer drives.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "target.h"

namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("fuzz targets hold what they say for every kept input") {
  for (const auto& target : tsc::fuzz::Targets()) {
    const std::filesystem::path corpus = std::filesystem::path(TSC_SOURCE_DIR "/test/fuzz/corpus") / target.name;
    REQUIRE(std::filesystem::is_directory(corpus));
    target.run({});
    std::size_t inputs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
      CAPTURE(entry.path().string());
      target.run(Read(entry.path()));
      ++inputs;
    }
    CHECK_MESSAGE(inputs > 0, target.name);
  }
}

TEST_CASE("every directory of kept inputs is a target's") {
  for (const auto& entry : std::filesystem::directory_iterator(TSC_SOURCE_DIR "/test/fuzz/corpus")) {
    const auto& targets = tsc::fuzz::Targets();
    const auto name = entry.path().filename().string();
    CHECK_MESSAGE(std::any_of(targets.begin(), targets.end(), [&](const auto& target) { return name == target.name; }), name);
  }
}
