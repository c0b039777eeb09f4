// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "build/mode_change.h"
#include "build/source_walk.h"

namespace tsc {

// COPY and ADD, apart from where they copy from and to.
struct CopyOptions {
  SourceSelection selection;
  std::string destination;  // absolute; a slash at its end says that it is a directory
  bool owners = false;      // what is copied keeps its owner, as from a stage; else it is root's
  std::string owner;        // `--chown`; names are looked up in the layers below
  std::optional<ModeChange> mode;
  bool unpack = false;                    // ADD: archives are unpacked
  bool devices = true;                    // can be made here
  bool single_id = false;                 // there is one owner only, whatever archives say
  timespec made{};                        // the time of directories that are made
  std::optional<std::int64_t> max_mtime;  // nothing is newer than this second
  // The digest that the selection had when it was decided what to do (SourceDigest). Another one now is ESTALE of the step "read source".
  std::string expected;
};

}  // namespace tsc
