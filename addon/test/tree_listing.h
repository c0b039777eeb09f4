// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace tsc::test {

struct ListingOptions {
  bool xattrs = true;
  bool nanoseconds = true;
  // Of directories, their times and inherited group bits, which change by what is put into one later.
  bool settled_directories = true;
  bool root = true;
};

// What each entry of a tree is like, the root's own included ("."): type, mode, owner, time, size, content, target, device, attributes,
// and which names are of the same file.
std::map<std::string, std::string> ListTree(const std::string& root, const ListingOptions& options);

// The entries that differ, a line for each side; empty: none do.
std::string Difference(const std::map<std::string, std::string>& one, const std::map<std::string, std::string>& other);

}  // namespace tsc::test
