// SPDX-License-Identifier: Apache-2.0
// The messages of a worker: what it reports on the way, and that its answer is text whatever the archive was called.
#include <doctest/doctest.h>

#include <set>

#include "layer/worker.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

using Json = nlohmann::json;

Result<Json> Run(const std::string& tar, const Json& args, std::vector<Json>& progress) {
  TempDir target;
  std::vector<UniqueFd> fds;
  fds.push_back(Memory(tar));
  fds.emplace_back(::dup(target.fd()));
  return RunLayerWork("layer.unpack", args, std::move(fds), [&](const Json& now) { progress.push_back(now); });
}

}  // namespace

TEST_CASE("a long list of implied directories comes in parts, none lost") {
  TarBuilder tar;
  std::set<std::string> expected{""};
  for (int i = 0; i < 3000; ++i) {
    const auto dir = "directory-with-a-long-name-" + std::to_string(i);
    expected.insert(dir);
    tar.File(dir + "/f");
  }
  std::vector<Json> messages;
  auto result = Run(tar.End(), {}, messages);
  REQUIRE(result.ok());
  messages.push_back(*result);
  std::set<std::string> names;
  for (const auto& message : messages) {
    CHECK(message.dump().size() < 100'000);
    if (message.contains("impliedParents")) names.merge(message["impliedParents"].get<std::set<std::string>>());
  }
  CHECK(names == expected);
}

TEST_CASE("names that are not UTF-8 are told byte by byte, and failures stay text") {
  std::vector<Json> messages;
  auto result = Run(TarBuilder().File("d\xff/f").File("\xc3\xa4/f").End(), {}, messages);
  REQUIRE(result.ok());
  CHECK((*result)["impliedParents"] == Json::array({"", "\xc3\xa4"}));
  CHECK((*result)["impliedParentsLatin1"] == Json::array({"d\xc3\xbf"}));
  CHECK(!result->dump().empty());  // would throw on bytes that are no text
  const auto failed = Run(TarBuilder().File("../\xff").End(), {}, messages);
  CHECK(!Json(failed.failure().object).dump().empty());
}

TEST_CASE("progress counts what was read") {
  std::vector<Json> messages;
  REQUIRE(Run(TarBuilder().File("f", std::string(20 << 20, 'x')).End(), {}, messages).ok());
  REQUIRE(messages.size() >= 3);
  CHECK(messages[0]["read"] >= (4 << 20));
  CHECK(messages.back()["read"] > messages[0]["read"]);
}
