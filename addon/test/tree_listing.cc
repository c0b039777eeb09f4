// SPDX-License-Identifier: Apache-2.0
#include "tree_listing.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "layer/entry_name.h"
#include "layer/sha256.h"
#include "layer_support.h"

namespace tsc::test {
namespace {

std::string Attributes(const std::string& path) {
  char names[4096];
  const ssize_t size = ::llistxattr(path.c_str(), names, sizeof names);
  std::vector<std::string> all;
  for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(all.back().size()) + 1) all.emplace_back(names + at);
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& name : all) text += " " + name + "=" + PrintableName(Xattr(path, name.c_str()));
  return text;
}

std::string Time(const struct stat& info, const ListingOptions& options) {
  if (S_ISDIR(info.st_mode) && !options.settled_directories) return {};
  const std::string seconds = " @" + std::to_string(info.st_mtim.tv_sec);
  return options.nanoseconds ? seconds + "." + std::to_string(info.st_mtim.tv_nsec) : seconds;
}

std::string Inside(const std::string& path, const struct stat& info) {
  if (S_ISLNK(info.st_mode)) return " -> " + PrintableName(Target(path));
  if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
    return " " + std::to_string(major(info.st_rdev)) + ":" + std::to_string(minor(info.st_rdev));
  if (!S_ISREG(info.st_mode)) return {};
  Sha256 hash;
  hash.Update(Content(path));
  return " " + std::to_string(info.st_size) + " " + hash.Digest().substr(7, 16);
}

class Lister {
 public:
  explicit Lister(const ListingOptions& options) : options_(options) {}

  std::map<std::string, std::string> Run(const std::string& root) {
    if (options_.root) Add(root, ".");
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) Add(path.string(), path.string().substr(root.size() + 1));
    return std::move(entries_);
  }

 private:
  void Add(const std::string& path, const std::string& name) {
    const auto info = Stat(path);
    char head[64];
    const mode_t unsettled = S_ISDIR(info->st_mode) && !options_.settled_directories ? S_ISGID : 0;
    std::snprintf(head, sizeof head, "%06o %u:%u", info->st_mode & ~unsettled, info->st_uid, info->st_gid);
    std::string line = head + Time(*info, options_) + Inside(path, *info);
    if (options_.xattrs) line += Attributes(path);
    if (!S_ISDIR(info->st_mode)) line += " is " + PrintableName(first_.try_emplace(info->st_ino, name).first->second);
    entries_[PrintableName(name)] = line;
  }

  const ListingOptions& options_;
  std::map<ino_t, std::string> first_;
  std::map<std::string, std::string> entries_;
};

}  // namespace

std::map<std::string, std::string> ListTree(const std::string& root, const ListingOptions& options) { return Lister(options).Run(root); }

std::string Difference(const std::map<std::string, std::string>& one, const std::map<std::string, std::string>& other) {
  std::string text;
  for (const auto& [name, line] : one) {
    const auto it = other.find(name);
    if (it == other.end())
      text += "only one: " + name + " " + line + "\n";
    else if (it->second != line)
      text += name + "\n  one:   " + line + "\n  other: " + it->second + "\n";
  }
  for (const auto& [name, line] : other)
    if (!one.contains(name)) text += "only other: " + name + " " + line + "\n";
  return text;
}

}  // namespace tsc::test
