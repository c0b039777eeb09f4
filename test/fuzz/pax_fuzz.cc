// SPDX-License-Identifier: Apache-2.0
// Records of PAX headers, and the names of entries.
#include "layer/entry_name.h"
#include "layer/tar_pax.h"
#include "layer/whiteout.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

// A clean name stays what it is, and cannot leave.
void CheckName(std::string_view name) {
  Require(IsUtf8(PrintableName(name)));
  const auto clean = CleanEntryName(name);
  if (!clean.ok()) return;
  Require(!clean->starts_with('/') && !clean->ends_with('/') && ("/" + *clean + "/").find("/../") == std::string::npos);
  const auto again = CleanEntryName(*clean);
  Require(again.ok() && *again == *clean);
  (void)ParseWhiteout(*clean).ok();
}

void Run(std::string_view input) {
  CheckName(input);
  const auto records = ParsePax(input);
  if (!records.ok()) return;
  if (records->mtime) Require(records->mtime->tv_nsec >= 0 && records->mtime->tv_nsec < 1'000'000'000);
  if (records->path) CheckName(*records->path);
}

const Registration kTarget({"pax", Run});

}  // namespace
}  // namespace tsc::fuzz
