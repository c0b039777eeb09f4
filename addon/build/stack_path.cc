// SPDX-License-Identifier: Apache-2.0
#include "build/stack_path.h"

#include <unistd.h>

#include <climits>

#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr int kMaxLinks = 40;

Failure Because(int error, const std::string& path) { return Fail("find path", error, PrintableName(path)); }

std::vector<std::string> Parts(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    begin = end + 1;
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

class Lookup {
 public:
  Lookup(const LayerStack& stack, const std::string& path) : stack_(stack), path_(path) {}

  Result<StackPlace> Run(const std::string& root) {
    place_.dirs.push_back(std::make_shared<LayerStack::Directory>(TSC_TRY(stack_.Root())));
    TSC_TRY(Go(root));
    if (!place_.is_directory()) return Because(ENOTDIR, root);
    floor_ = place_.dirs.size();
    TSC_TRY(Go(path_));
    return std::move(place_);
  }

 private:
  Status Go(const std::string& path) {
    Push(path);
    while (!todo_.empty()) {
      const std::string part = std::move(todo_.back());
      todo_.pop_back();
      TSC_TRY(Step(part));
    }
    return {};
  }

  void Push(std::string_view path) {
    const auto parts = Parts(path);
    todo_.insert(todo_.end(), parts.rbegin(), parts.rend());
  }

  Status Step(const std::string& part) {
    if (!place_.leaf.empty()) return Because(ENOTDIR, path_);
    if (part == "..") {
      if (!place_.missing.empty()) return Because(ENOENT, path_);
      if (place_.dirs.size() > floor_) place_.dirs.pop_back();
      return {};
    }
    if (!place_.missing.empty()) {
      place_.missing.push_back(part);
      return {};
    }
    const auto found = TSC_TRY(stack_.Find(*place_.dirs.back(), part));
    if (!found) {
      place_.missing.push_back(part);
    } else if (S_ISDIR(found->info.st_mode)) {
      place_.dirs.push_back(std::make_shared<LayerStack::Directory>(TSC_TRY(stack_.Open(*place_.dirs.back(), part))));
      if (place_.dirs.back()->levels.empty()) return Because(ESTALE, path_);
    } else if (S_ISLNK(found->info.st_mode)) {
      return Follow(found->dir, part);
    } else {
      place_.leaf = part;
      place_.entry = found;
    }
    return {};
  }

  Status Follow(int dir, const std::string& leaf) {
    if (++links_ > kMaxLinks) return Because(ELOOP, path_);
    const auto target = TSC_TRY(ReadLinkAt(dir, leaf));
    if (target.starts_with('/')) place_.dirs.resize(floor_);
    Push(target);
    return {};
  }

  const LayerStack& stack_;
  const std::string& path_;
  StackPlace place_;
  std::vector<std::string> todo_;  // reversed
  std::size_t floor_ = 1;          // how many directories lead to the root
  int links_ = 0;
};

}  // namespace

std::string StackPlace::path() const {
  std::string path = dirs.back()->path;
  for (const auto& part : missing) path = JoinPath(path, part);
  return leaf.empty() ? path : JoinPath(path, leaf);
}

Result<StackPlace> FindInStack(const LayerStack& stack, const std::string& path) { return Lookup(stack, path).Run(""); }

Result<StackPlace> FindBelow(const LayerStack& stack, const std::string& root, const std::string& path) {
  return Lookup(stack, path).Run(root);
}

Result<std::string> ReadLinkAt(int dir, const std::string& leaf) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, leaf.c_str(), target, sizeof target);
  if (length < 0) return Because(errno, leaf);
  return std::string(target, static_cast<std::size_t>(length));
}

std::vector<std::string> CleanParts(const std::string& path) {
  std::vector<std::string> clean;
  for (auto& part : Parts(path)) {
    if (part != "..")
      clean.push_back(std::move(part));
    else if (!clean.empty())
      clean.pop_back();
  }
  return clean;
}

}  // namespace tsc
