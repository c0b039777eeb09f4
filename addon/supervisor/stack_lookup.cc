// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stack_lookup.h"

#include <unistd.h>

#include <climits>
#include <deque>
#include <string_view>

namespace tsc {
namespace {

constexpr int kMaxLinks = 40;

// In front of what is still to be walked.
void Prepend(std::deque<std::string>* todo, std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  todo->insert(todo->begin(), parts.begin(), parts.end());
}

Result<std::string> ReadLink(int dir, const std::string& leaf) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, leaf.c_str(), target, sizeof target);
  if (length < 0) return Errno("read layers", leaf);
  return std::string(target, static_cast<std::size_t>(length));
}

}  // namespace

Result<std::optional<LayerStack::Directory>> FindDirectory(const LayerStack& stack, const std::string& path) {
  using Found = std::optional<LayerStack::Directory>;
  std::vector<LayerStack::Directory> trail;
  trail.push_back(TSC_TRY(stack.Root()));
  std::deque<std::string> todo;
  Prepend(&todo, path);
  for (int links = 0; !todo.empty();) {
    const std::string part = std::move(todo.front());
    todo.pop_front();
    if (part == "..") {
      if (trail.size() > 1) trail.pop_back();
      continue;
    }
    const auto entry = TSC_TRY(stack.Find(trail.back(), part));
    if (!entry) return Found();
    if (S_ISLNK(entry->info.st_mode)) {
      if (++links > kMaxLinks) return Fail("read layers", ELOOP, path);
      const std::string target = TSC_TRY(ReadLink(entry->dir, part));
      if (target.starts_with('/')) trail.resize(1);
      Prepend(&todo, target);
      continue;
    }
    if (!S_ISDIR(entry->info.st_mode)) return Found();
    trail.push_back(TSC_TRY(stack.Open(trail.back(), part)));
  }
  return Found(std::move(trail.back()));
}

}  // namespace tsc
