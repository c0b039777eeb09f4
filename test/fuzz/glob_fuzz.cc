// SPDX-License-Identifier: Apache-2.0
// Patterns of ignore files. An input is patterns, one a line, a NUL, and a path. Single patterns are compared with a matcher that is slow
// and plain.
#include "build/glob.h"
#include "build/path_filter.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

constexpr std::size_t kLongest = 24;  // of what the plain matcher is asked about: it takes exponential time

// Of patterns without classes and escapes.
bool MatchesPlainly(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.starts_with("**")) {
    while (pattern.starts_with('*')) pattern.remove_prefix(1);
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    if (pattern.empty() || MatchesPlainly(pattern, path)) return true;
    for (std::size_t at = 0; at < path.size(); ++at)
      if (path[at] == '/' && MatchesPlainly(pattern, path.substr(at + 1))) return true;
    return false;
  }
  if (pattern[0] == '*') {
    for (std::size_t at = 0; at <= path.size(); ++at) {
      if (MatchesPlainly(pattern.substr(1), path.substr(at))) return true;
      if (at < path.size() && path[at] == '/') return false;
    }
    return false;
  }
  const bool takes = !path.empty() && (pattern[0] == '?' ? path[0] != '/' : pattern[0] == path[0]);
  return takes && MatchesPlainly(pattern.substr(1), path.substr(1));
}

void CheckGlob(const std::string& pattern, std::string_view path) {
  const auto glob = Glob::Parse(pattern);
  if (!glob.ok()) return;
  const bool matches = glob->Matches(path);
  if (matches && path.find('/') != std::string_view::npos) Require(glob->MayMatchBelow(path.substr(0, path.find('/'))));
  const bool comparable = pattern.size() <= kLongest && path.size() <= kLongest && pattern.find_first_of("[]\\") == std::string::npos;
  if (comparable) Require(matches == MatchesPlainly(pattern, path));
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Path by path from above, as a walk goes, and at once.
void CheckFilter(const PathFilter& filter, const std::string& path) {
  auto state = filter.Root();
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    state = filter.Of(state, path.substr(0, end));
    if (end == std::string::npos) break;
  }
  if (!path.empty()) Require(state.excluded == filter.Of(path).excluded);
  (void)filter.MayTakeBackBelow(path);
}

void Run(std::string_view input) {
  const auto middle = std::min(input.find('\0'), input.size());
  const auto patterns = Lines(input.substr(0, middle));
  const std::string path(input.substr(std::min(middle + 1, input.size())));
  for (const auto& pattern : patterns) CheckGlob(pattern, path);
  const auto filter = PathFilter::Parse(patterns);
  if (filter.ok() && !path.starts_with('/')) CheckFilter(*filter, path);
}

const Registration kTarget({"glob", Run});

}  // namespace
}  // namespace tsc::fuzz
