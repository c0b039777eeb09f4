// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "layer/layer_stack.h"

namespace tsc {

using StackDir = std::shared_ptr<const LayerStack::Directory>;

// Where a path leads in a stack of layers.
struct StackPlace {
  std::vector<StackDir> dirs;                   // from the root to the last directory on the way: the place itself where it is one
  std::vector<std::string> missing;             // the names below that which are not there
  std::string leaf;                             // what is no directory: its name in dirs.back()
  std::optional<LayerStack::Entry> entry = {};  // of that

  bool is_directory() const { return missing.empty() && leaf.empty(); }
  // Without links.
  std::string path() const;
};

// Looks up a path as a process would whose root the stack is: ".." and links stay inside, and nothing is handed to the kernel but names of
// directories that are held. ELOOP, ENOTDIR, and ENOENT for ".." behind what is missing, of the step "find path".
Result<StackPlace> FindInStack(const LayerStack& stack, const std::string& path);
// The same of a process whose root is `root`, a directory without links on the way to it.
Result<StackPlace> FindBelow(const LayerStack& stack, const std::string& root, const std::string& path);

Result<std::string> ReadLinkAt(int dir, const std::string& leaf);

// The parts of a path without empty ones and ".", with ".." taken away together with what is before it.
std::vector<std::string> CleanParts(const std::string& path);

}  // namespace tsc
