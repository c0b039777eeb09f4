// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "command/arguments.h"
#include "command/cgroup_place.h"
#include "command/record.h"
#include "command/sentence.h"
#include "command/spec_checks.h"

using namespace tsc;

namespace {

const std::vector<Flag> kFlags = {{"bundle", "b", true}, {"detach", "d", false}};

Json Config() {
  return {{"ociVersion", "1.0.2"},
          {"root", {{"path", "rootfs"}}},
          {"process", {{"args", {"sh"}}}},
          {"linux", {{"namespaces", {{{"type", "mount"}}}}}}};
}

}  // namespace

TEST_CASE("flags are read in all their forms, and end at the first other word") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--bundle", "x", "--detach", "id", "--detach"},
                                                                 {"-b", "x", "-d", "id", "--detach"},
                                                                 {"-bundle=x", "--detach=true", "id", "--detach"}}) {
    const auto options = ParseOptions(words, kFlags);
    REQUIRE(options.ok());
    CHECK(options->get("bundle") == "x");
    CHECK(options->is_set("detach"));
    CHECK(options->rest == std::vector<std::string>{"id", "--detach"});
  }
  CHECK(!ParseOptions({"--detach=false"}, kFlags)->is_set("detach"));
  CHECK(ParseOptions({"--", "-b"}, kFlags)->rest == std::vector<std::string>{"-b"});
  CHECK(!ParseOptions({"--nothing"}, kFlags).ok());
  CHECK(!ParseOptions({"--bundle"}, kFlags).ok());
}

TEST_CASE("sentences have the words by which callers know a missing program") {
  CHECK(Sentence(Fail("find executable", ENOENT, "x")) == "exec: \"x\": executable file not found in $PATH");
  CHECK(Sentence(Fail("find executable", ENOENT, "/x")) == "exec: \"/x\": stat /x: no such file or directory");
  CHECK(Sentence(Fail("find executable", EACCES, "/x")) == "exec: \"/x\": permission denied");
  CHECK(Sentence(Refuse("no")) == "no");
}

TEST_CASE("ids name a directory and nothing else") {
  for (const char* id : {"a", "a.b-c_d+e", "..a"}) CHECK(CheckId(id).ok());
  for (const char* id : {"", ".", "..", "a/b", "a b", "\xff"}) CHECK(!CheckId(id).ok());
}

TEST_CASE("cgroup paths are taken as directories, those for systemd refused") {
  Record record;
  record.id = "box";
  REQUIRE(PlaceCgroup({{"linux", {{"cgroupsPath", "/a/b/c"}}}}, &record).ok());
  CHECK(record.cgroup_base == "a/b");
  CHECK(record.cgroup == "c");
  REQUIRE(PlaceCgroup(Json::object(), &record).ok());
  CHECK(record.cgroup_base == ".");
  CHECK(record.cgroup == "box");
  CHECK(!PlaceCgroup({{"linux", {{"cgroupsPath", "system.slice:docker:x"}}}}, &record).ok());
}

TEST_CASE("what a configuration asks for and nobody does is refused") {
  CHECK(CheckConfig(Config()).ok());
  const auto refused = [](const char* pointer, const Json& value) {
    auto config = Config();
    config[Json::json_pointer(pointer)] = value;
    return !CheckConfig(config).ok();
  };
  CHECK(refused("/ociVersion", "2.0.0"));
  CHECK(refused("/process/selinuxLabel", "label"));
  CHECK(!refused("/process/selinuxLabel", ""));
  CHECK(refused("/process/args", Json::array()));
  CHECK(refused("/linux/intelRdt", {{"closID", "x"}}));
  CHECK(refused("/linux/namespaces", Json::array()));
  CHECK(refused("/linux/namespaces/1", {{"type", "time"}}));
  CHECK(refused("/linux/seccomp/listenerPath", "/socket"));
}
