// SPDX-License-Identifier: Apache-2.0
#include "build/source_names.h"

#include <algorithm>

#include "build/glob.h"
#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxDepth = 256;  // of what `**` looks into

bool IsWild(const std::string& part) { return part.find_first_of("*?[\\") != std::string::npos; }

std::string Joined(const std::vector<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path = JoinPath(path, part);
  return path;
}

class Expansion {
 public:
  Expansion(const LayerStack& stack, const SourceName& name) : stack_(stack), name_(name) {}

  Result<std::vector<std::vector<std::string>>> Run() {
    TSC_TRY(Go(0, 0));
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

 private:
  // `at_` is what the parts before number `next` have become.
  Status Go(std::size_t next, std::size_t depth) {
    if (next == name_.parts.size()) {
      found_.push_back(at_);
      return {};
    }
    const auto& part = name_.parts[next];
    if (part == "**") return GoAnyDepth(next, depth);
    if (!IsWild(part)) return GoInto(part, next + 1, depth);
    const auto glob = TSC_TRY(Glob::Parse(part));
    for (const auto& leaf : TSC_TRY(NamesHere()))
      if (glob.Matches(leaf)) TSC_TRY(GoInto(leaf, next + 1, depth));
    return {};
  }

  Status GoInto(const std::string& leaf, std::size_t next, std::size_t depth) {
    at_.push_back(leaf);
    const auto place = next == name_.parts.size() ? FindInStack(stack_, Joined(at_)) : Result<StackPlace>(StackPlace{});
    // What is not there was not meant by a pattern.
    if (!place.ok() && place.failure().error != ENOTDIR) return place.failure();
    if (place.ok() && place->missing.empty()) TSC_TRY(Go(next, depth));
    at_.pop_back();
    return {};
  }

  // Links to directories are not gone into: they may lead round in a circle.
  Status GoAnyDepth(std::size_t next, std::size_t depth) {
    if (depth > kMaxDepth) return Fail("find path", ENAMETOOLONG, PrintableName(Joined(at_)));
    TSC_TRY(Go(next + 1, depth));
    const auto place = TSC_TRY(FindInStack(stack_, Joined(at_)));
    if (!place.is_directory()) return {};
    for (const auto& leaf : TSC_TRY(stack_.Names(*place.dirs.back()))) {
      const auto found = TSC_TRY(stack_.Find(*place.dirs.back(), leaf));
      if (!found || !S_ISDIR(found->info.st_mode)) continue;
      at_.push_back(leaf);
      TSC_TRY(Go(next, depth + 1));
      at_.pop_back();
    }
    return {};
  }

  Result<std::set<std::string>> NamesHere() {
    const auto place = TSC_TRY(FindInStack(stack_, Joined(at_)));
    return place.is_directory() ? stack_.Names(*place.dirs.back()) : std::set<std::string>();
  }

  const LayerStack& stack_;
  const SourceName& name_;
  std::vector<std::string> at_;
  std::vector<std::vector<std::string>> found_;
};

}  // namespace

SourceName ParseSourceName(const std::string& source) {
  SourceName name;
  if (const auto pivot = source.find("/./"); pivot != std::string::npos) name.pivot = CleanParts(source.substr(0, pivot)).size();
  name.parts = CleanParts(source);
  name.pivot = std::min(name.pivot, name.parts.size());
  name.wild = std::any_of(name.parts.begin(), name.parts.end(), IsWild);
  return name;
}

Result<std::vector<std::vector<std::string>>> ExpandSource(const LayerStack& stack, const SourceName& name) {
  if (!name.wild) return std::vector<std::vector<std::string>>(1, name.parts);
  return Expansion(stack, name).Run();
}

}  // namespace tsc
