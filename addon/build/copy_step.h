// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "build/copy_options.h"
#include "build/digest_memo.h"
#include "build/layer_builder.h"

namespace tsc {

struct CopyStepResult {
  std::string digest;  // of what was copied, as SourceDigest has it
  std::uint64_t entries = 0, bytes = 0;
  std::uint64_t skipped_devices = 0, dropped_xattrs = 0;
};

// Copies a selection into the layer; several, one after the other, are one step. What of it is a file was hashed in the very state in which
// it is copied: one that changes meanwhile is ESTALE of the step "read source". Other steps: "find source", "find path", "read pattern",
// "read mode", "find user", "find group"; "write layer" with EISDIR or ENOTDIR where a file and a directory meet.
Result<CopyStepResult> CopyIntoLayer(const LayerStack& source, const CopyOptions& options, DigestMemo& memo, LayerBuilder& layer);

}  // namespace tsc
