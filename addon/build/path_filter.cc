// SPDX-License-Identifier: Apache-2.0
#include "build/path_filter.h"

#include <algorithm>

namespace tsc {
namespace {

// "/a/./b/" is "a/b"; ".." is left alone and matches nothing.
std::string CleanPattern(std::string_view pattern) {
  std::string clean;
  for (std::size_t begin = 0; begin <= pattern.size();) {
    const auto end = std::min(pattern.find('/', begin), pattern.size());
    const auto part = pattern.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

}  // namespace

Result<PathFilter> PathFilter::Parse(const std::vector<std::string>& patterns) {
  PathFilter filter;
  for (std::string_view text : patterns) {
    const bool takes_back = text.starts_with('!');
    if (takes_back) text.remove_prefix(1);
    const auto clean = CleanPattern(text);
    if (!clean.empty()) filter.rules_.push_back({TSC_TRY(Glob::Parse(clean)), takes_back});
  }
  return filter;
}

PathFilter::State PathFilter::Of(const State& parent, const std::string& path) const {
  State state = parent;
  state.excluded = false;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    state.matched[i] = state.matched[i] || rules_[i].glob.Matches(path);
    if (state.matched[i]) state.excluded = !rules_[i].takes_back;
  }
  return state;
}

PathFilter::State PathFilter::Of(const std::string& path) const {
  State state = Root();
  for (std::size_t end = 0; !path.empty() && end != std::string::npos;) {
    end = path.find('/', end + 1);
    state = Of(state, path.substr(0, end));
  }
  return state;
}

bool PathFilter::MayTakeBackBelow(const std::string& directory) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.takes_back && rule.glob.MayMatchBelow(directory); });
}

}  // namespace tsc
