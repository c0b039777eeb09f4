// SPDX-License-Identifier: Apache-2.0
// The patterns of ignore files and of COPY, and the modes of --chmod.
#include <doctest/doctest.h>

#include "build/glob.h"
#include "build/mode_change.h"
#include "build/path_filter.h"

using namespace tsc;

namespace {

bool Matches(const char* pattern, const char* path) {
  const auto glob = Glob::Parse(pattern);
  REQUIRE(glob.ok());
  return glob->Matches(path);
}

mode_t Changed(const char* text, mode_t mode, bool directory = false) {
  const auto change = ModeChange::Parse(text);
  REQUIRE(change.ok());
  return change->Apply(mode, directory);
}

bool Excluded(const std::vector<std::string>& patterns, const std::string& path) {
  const auto filter = PathFilter::Parse(patterns);
  REQUIRE(filter.ok());
  return filter->Of(path).excluded;
}

}  // namespace

TEST_CASE("wildcards stay inside a name, two stars cross directories") {
  CHECK(Matches("*.js", "a.js"));
  CHECK_FALSE(Matches("*.js", "lib/a.js"));
  CHECK(Matches("**/*.js", "a.js"));
  CHECK(Matches("**/*.js", "lib/deep/a.js"));
  CHECK_FALSE(Matches("**/b", "ab"));
  CHECK(Matches("lib/**", "lib/a/b"));
  CHECK_FALSE(Matches("lib/**", "lib"));
  CHECK(Matches("a/**/b", "a/b"));
  CHECK(Matches("a/**/b", "a/x/y/b"));
  CHECK(Matches("**", "a/b"));
  CHECK(Matches("?[a-c]x", "zbx"));
  CHECK_FALSE(Matches("?[^a-c]x", "zbx"));
  CHECK_FALSE(Matches("?", "/"));
  CHECK_FALSE(Matches("[^a]", "/"));
  CHECK(Matches("\\*", "*"));
  CHECK_FALSE(Matches("\\*", "a"));
  CHECK(Matches("a(b)+{c}", "a(b)+{c}"));
  CHECK(Matches("*", ""));
}

TEST_CASE("malformed patterns are refused") {
  for (const char* pattern : {"[a", "[", "a\\", "[b-a]", "[a-"}) {
    const auto glob = Glob::Parse(pattern);
    REQUIRE_FALSE(glob.ok());
    CHECK(glob.failure().error == EINVAL);
  }
}

TEST_CASE("a pattern that backtracking would take for ever ends at once") {
  std::string pattern, path(2000, 'a');
  for (int i = 0; i < 30; ++i) pattern += "*a";
  CHECK_FALSE(Matches((pattern + "b").c_str(), path.c_str()));
  CHECK(Matches((pattern + "*").c_str(), path.c_str()));
}

TEST_CASE("what may match below a directory") {
  const auto below = [](const char* pattern, const char* directory) { return Glob::Parse(pattern)->MayMatchBelow(directory); };
  CHECK(below("docs/api/x", "docs"));
  CHECK(below("docs/api/x", "docs/api"));
  CHECK_FALSE(below("docs/api/x", "doc"));
  CHECK_FALSE(below("docs/api/x", "docs/other"));
  CHECK_FALSE(below("*.md", "docs"));
  CHECK(below("*/x", "docs"));
  CHECK(below("**/x", "any/where"));
}

TEST_CASE("the last pattern that matches decides, and a directory takes along what is in it") {
  CHECK(Excluded({"docs"}, "docs/x/y"));
  CHECK_FALSE(Excluded({"docs", "!docs/x"}, "docs/x/y"));
  CHECK(Excluded({"docs", "!docs/x", "docs/x/y"}, "docs/x/y"));
  CHECK(Excluded({"/docs/"}, "docs"));
  CHECK(Excluded({"./docs"}, "docs/a"));
  CHECK_FALSE(Excluded({"docs"}, "documents"));
  CHECK(Excluded({"*", "!keep"}, "other"));
  CHECK_FALSE(Excluded({"*", "!keep"}, "keep/all"));
  const auto filter = PathFilter::Parse({"docs", "!docs/x", "other"});
  CHECK(filter->MayTakeBackBelow("docs"));
  CHECK_FALSE(filter->MayTakeBackBelow("other"));
}

TEST_CASE("modes are octal or as chmod has them") {
  CHECK(Changed("755", 0600) == 0755);
  CHECK(Changed("04755", 0600) == 04755);
  CHECK(Changed("u+x,go-r", 0644) == 0700);
  CHECK(Changed("a=rX", 0600) == 0444);
  CHECK(Changed("a=rX", 0600, true) == 0555);
  CHECK(Changed("g=u", 0640) == 0660);
  CHECK(Changed("u+s,+t", 0755) == 05755);
  CHECK(Changed("=", 0777) == 0);
  for (const char* text : {"", "u", "888", "u+q", "777777", "u+x,", "10000"}) CHECK_FALSE(ModeChange::Parse(text).ok());
}
