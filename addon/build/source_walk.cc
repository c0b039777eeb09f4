// SPDX-License-Identifier: Apache-2.0
#include "build/source_walk.h"

#include <memory>

#include "build/source_names.h"
#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxDepth = 512;  // a descriptor and a stack frame each

Failure NotFound(const std::string& source) { return Fail("find source", ENOENT, PrintableName(source)); }

class Walk {
 public:
  Walk(const LayerStack& stack, const SourceSelection& selection, SourceVisitor& visitor)
      : stack_(stack), selection_(selection), visitor_(visitor) {}

  Status Run() {
    ignore_ = TSC_TRY(PathFilter::Parse(selection_.ignore));
    exclude_ = TSC_TRY(PathFilter::Parse(selection_.exclude));
    for (std::size_t i = 0; i < selection_.sources.size(); ++i) {
      const auto name = ParseSourceName(selection_.sources[i]);
      for (const auto& parts : TSC_TRY(ExpandSource(stack_, name))) TSC_TRY(TakeSource(i, name, parts));
    }
    return {};
  }

 private:
  // What both filters say of a path.
  struct Sieve {
    PathFilter::State ignored, excluded;
    bool out() const { return ignored.excluded || excluded.excluded; }
  };
  // Where the walk is: below the stack's root, below the source, and as it is going to be called.
  struct Position {
    std::string path, inner, name;
  };
  // A directory that is only taken if something in it is.
  struct Pending {
    SourceItem item;
    StackDir directory;
  };

  Status TakeSource(std::size_t number, const SourceName& name, const std::vector<std::string>& parts);
  Status TakeParents(const SourceName& name, const std::vector<std::string>& parts);
  Status TakeChildren(const StackDir& dir, const Position& at, const Sieve& sieve, std::size_t depth);
  Status TakeDirectory(const StackDir& parent, const Position& at, SourceItem item, const Sieve& sieve, std::size_t depth);
  Status Take(const SourceItem& item);
  bool MayTakeBack(const Position& at, const Sieve& sieve) const {
    return (!sieve.ignored.excluded || ignore_.MayTakeBackBelow(at.path)) &&
           (!sieve.excluded.excluded || exclude_.MayTakeBackBelow(at.inner));
  }

  const LayerStack& stack_;
  const SourceSelection& selection_;
  SourceVisitor& visitor_;
  PathFilter ignore_, exclude_;
  std::vector<Pending> pending_;
};

// The directories on the way, as `--parents` keeps them.
Status Walk::TakeParents(const SourceName& name, const std::vector<std::string>& parts) {
  std::string path, kept;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    path = JoinPath(path, parts[i]);
    if (i < name.pivot) continue;
    kept = JoinPath(kept, parts[i]);
    const auto place = TSC_TRY(FindInStack(stack_, path));
    SourceItem item{kept, -1, parts[i], {}, place.dirs.back().get()};
    if (::fstat(stack_.Source(*item.directory).fd.get(), &item.info) != 0) return Errno("find source", PrintableName(path));
    TSC_TRY(visitor_.Take(item));
  }
  return {};
}

Status Walk::TakeSource(std::size_t number, const SourceName& name, const std::vector<std::string>& parts) {
  const auto& written = selection_.sources[number];
  std::string asked, kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    asked = JoinPath(asked, parts[i]);
    if (i >= name.pivot) kept = JoinPath(kept, parts[i]);
  }
  const auto place = TSC_TRY(FindInStack(stack_, asked));
  const auto path = place.path();
  const FoundSource found{number, parts.empty() ? "" : parts.back(), place.is_directory()};
  const std::string inner = selection_.parents ? kept : "";
  const Sieve sieve{ignore_.Of(path), exclude_.Of(inner)};
  const Position at{path, inner, selection_.parents ? kept : found.directory ? "" : found.name};
  const bool out = sieve.out() && !(found.directory && MayTakeBack(at, sieve));
  if (!place.missing.empty() || out) return name.wild || sieve.excluded.excluded ? Status{} : Status(NotFound(written));
  TSC_TRY(visitor_.Begin(found));
  if (selection_.parents) TSC_TRY(TakeParents(name, parts));
  if (!found.directory) return Take({at.name, place.entry->dir, place.leaf, place.entry->info, nullptr});
  if (!at.name.empty()) {
    SourceItem item{at.name, -1, found.name, {}, place.dirs.back().get()};
    if (::fstat(stack_.Source(*item.directory).fd.get(), &item.info) != 0) return Errno("find source", PrintableName(path));
    TSC_TRY(visitor_.Take(item));
  }
  return TakeChildren(place.dirs.back(), at, sieve, 0);
}

Status Walk::TakeChildren(const StackDir& dir, const Position& at, const Sieve& sieve, std::size_t depth) {
  if (depth >= kMaxDepth) return Fail("find source", ENAMETOOLONG, PrintableName(at.path));
  for (const auto& leaf : TSC_TRY(stack_.Names(*dir))) {
    const auto found = TSC_TRY(stack_.Find(*dir, leaf));
    if (!found) continue;  // gone meanwhile
    const Position child{JoinPath(at.path, leaf), JoinPath(at.inner, leaf), JoinPath(at.name, leaf)};
    const Sieve own{ignore_.empty() ? sieve.ignored : ignore_.Of(sieve.ignored, child.path),
                    exclude_.empty() ? sieve.excluded : exclude_.Of(sieve.excluded, child.inner)};
    SourceItem item{child.name, found->dir, leaf, found->info, nullptr};
    if (S_ISDIR(found->info.st_mode))
      TSC_TRY(TakeDirectory(dir, child, std::move(item), own, depth));
    else if (!own.out())
      TSC_TRY(Take(item));
  }
  return {};
}

Status Walk::TakeDirectory(const StackDir& parent, const Position& at, SourceItem item, const Sieve& sieve, std::size_t depth) {
  if (sieve.out() && !MayTakeBack(at, sieve)) return {};
  const auto directory = std::make_shared<LayerStack::Directory>(TSC_TRY(stack_.Open(*parent, item.leaf)));
  if (directory->levels.empty()) return Fail("read source", ESTALE, PrintableName(at.path));
  item.directory = directory.get();
  // Of several layers the one that says what it is like is not always the topmost.
  if (::fstat(stack_.Source(*directory).fd.get(), &item.info) != 0) return Errno("read source", PrintableName(at.path));
  const std::size_t before = pending_.size();
  if (sieve.out())
    pending_.push_back({std::move(item), directory});
  else
    TSC_TRY(Take(item));
  TSC_TRY(TakeChildren(directory, at, sieve, depth + 1));
  if (pending_.size() > before) pending_.resize(before);
  return {};
}

Status Walk::Take(const SourceItem& item) {
  if (S_ISSOCK(item.info.st_mode)) return {};
  for (const auto& above : pending_) TSC_TRY(visitor_.Take(above.item));
  pending_.clear();
  return visitor_.Take(item);
}

}  // namespace

Status WalkSources(const LayerStack& stack, const SourceSelection& selection, SourceVisitor& visitor) {
  return Walk(stack, selection, visitor).Run();
}

}  // namespace tsc
