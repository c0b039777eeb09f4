// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace tsc {

// What an entry's name means in a layer (OCI image-spec 1.1, "Whiteouts").
enum class Whiteout {
  kNone,
  kRemoved,   // ".wh.<name>": <name> of the layers below is gone
  kOpaque,    // ".wh..wh..opq": nothing of this directory's lower content shows
  kMetadata,  // ".wh..wh.*": AUFS's own bookkeeping, skipped by every engine
};

struct WhiteoutName {
  Whiteout kind = Whiteout::kNone;
  std::string hidden;  // for kRemoved: the path that is gone
};

// `clean` comes from CleanEntryName. EINVAL for ".wh.", ".wh..", ".wh..." and for a whiteout used as a directory.
Result<WhiteoutName> ParseWhiteout(const std::string& clean);

// Whether a component could be taken for a marker.
inline bool HasWhiteoutPrefix(std::string_view name) { return name.starts_with(".wh."); }

// The attribute prefixes that overlayfs acts upon: an archive may not bring them along.
inline bool IsOverlayXattr(std::string_view name) { return name.starts_with("trusted.overlay.") || name.starts_with("user.overlay."); }

}  // namespace tsc
