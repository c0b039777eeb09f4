// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "layer/inflate.h"
#include "layer/tar_reader.h"

namespace tsc {

struct UnpackOptions {
  int input = -1;   // the blob: gzip, zstd or plain tar; read to its end
  int target = -1;  // an empty directory
  int blob = -1;    // receives the blob's bytes as well, where >= 0

  // Where given, anything else is a failure of "verify digest", "verify size", "verify diffid" (EBADMSG).
  std::optional<std::string> digest = {};   // of the blob, "sha256:…"
  std::optional<std::uint64_t> size = {};   // of the blob
  std::optional<std::string> diff_id = {};  // of the plain tar
  bool digest_elsewhere = false;            // whoever writes the input checks `digest` itself: it is taken as it is given

  bool user_xattr = false;            // mark opaque directories with user.overlay.opaque (rootless) instead of trusted.overlay.opaque
  bool devices = true;                // make device nodes; otherwise they are skipped and counted
  bool single_id = false;             // leave every file to the caller's id
  std::uint64_t max_id = 4294967295;  // an owner from here on is EINVAL ("unmapped")

  std::uint64_t max_plain_bytes = std::uint64_t{64} << 30;
  TarLimits limits = {};

  bool hashes_blob() const { return !digest_elsewhere || !digest; }
};

struct UnpackResult {
  std::string digest;
  std::string diff_id;
  std::uint64_t size = 0;        // of the blob
  std::uint64_t plain_size = 0;  // of the tar
  std::uint64_t entries = 0;
  Compression compression = Compression::kPlain;
  std::uint64_t skipped_devices = 0;
  std::uint64_t dropped_xattrs = 0;
  // Directories that are in the layer only because something below them is. Their mode, owner and attributes belong to the same
  // directories in the layers below. Real paths, sorted, any bytes but NUL; "" where the layer has no entry for its root.
  std::vector<std::string> implied_parents;
  // The archive has an opaque marker at its root: overlayfs cannot express that, the layers below must be left out.
  bool opaque_root = false;
};

struct UnpackProgress {
  std::uint64_t read = 0;  // bytes of the blob
  std::uint64_t entries = 0;
};

// Unpacks one layer in one pass: read, keep the blob, hash it, decompress, hash the tar, write the files; whiteouts in overlay form.
// What is in `target` after a failure is for the caller to remove. Sets the umask while it runs, so one at a time in a process.
// Failures: "read layer", "write blob", "decompress", "read tar", "unpack layer" (object: the entry), "verify …".
Result<UnpackResult> UnpackLayer(const UnpackOptions& options, const std::function<void(const UnpackProgress&)>& progress = {});

}  // namespace tsc
