// SPDX-License-Identifier: Apache-2.0
#include "layer/whiteout.h"

#include "layer/entry_name.h"

namespace tsc {
namespace {

constexpr std::string_view kPrefix = ".wh.";
constexpr std::string_view kMetadataPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueName = ".wh..wh..opq";

bool HasMarkerDirectory(std::string_view parent) { return parent.starts_with(kPrefix) || parent.find("/.wh.") != std::string_view::npos; }

}  // namespace

Result<WhiteoutName> ParseWhiteout(const std::string& clean) {
  const auto [parent, leaf] = SplitEntryName(clean);
  if (clean.starts_with(kMetadataPrefix) && clean != kOpaqueName) return WhiteoutName{Whiteout::kMetadata, {}};
  if (HasMarkerDirectory(parent)) return Fail("unpack layer", EINVAL, PrintableName(clean));
  if (!leaf.starts_with(kPrefix)) return WhiteoutName{};
  if (leaf == kOpaqueName) return WhiteoutName{Whiteout::kOpaque, {}};
  if (leaf.starts_with(kMetadataPrefix)) return WhiteoutName{Whiteout::kMetadata, {}};
  const auto hidden = leaf.substr(kPrefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return Fail("unpack layer", EINVAL, PrintableName(clean));
  return WhiteoutName{Whiteout::kRemoved, parent.empty() ? hidden : parent + "/" + hidden};
}

}  // namespace tsc
