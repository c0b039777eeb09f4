// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <set>
#include <string>

#include "core/result.h"
#include "layer/tar_entry.h"

namespace tsc {

// Asks somebody else about each entry of a tree that is copied: a record of a letter ('f'ile, 'd'irectory, 'l'ink, 'p'ipe, 's'ocket,
// 'b'lock or 'c'haracter device), the path and a NUL goes to `ask`, and one byte comes back at `answer`: '1' to take it.
class EntrySieve {
 public:
  EntrySieve() = default;
  EntrySieve(int ask, int answer) : ask_(ask), answer_(answer) {}

  // Nobody to ask: all is taken. ECANCELED where the other side went away. What is below a directory that was left out is not asked about.
  Result<bool> Takes(const std::string& path, char kind);

 private:
  bool IsBelowLeftOut(const std::string& path) const;

  int ask_ = -1, answer_ = -1;
  std::set<std::string> left_out_;
};

char KindOf(mode_t mode);
char KindOf(TarType type);

}  // namespace tsc
