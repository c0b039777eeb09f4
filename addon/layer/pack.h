// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/result.h"
#include "layer/entry_sieve.h"
#include "layer/inflate.h"
#include "layer/tree_changes.h"

namespace tsc {

struct PackOptions {
  int source = -1;                                // a directory; its own entry is not part of the archive
  int output = -1;                                // receives the blob; -1: nobody does, only its digest is wanted
  Compression compression = Compression::kPlain;  // or kGzip
  // The source is the upper directory of an overlay: whiteout devices and opaque directories become the markers of OCI layers.
  bool overlay = false;
  // The whole tree of a container rather than a layer: names that would be markers in a layer are kept, and since it may be running, what
  // vanishes or becomes something else on the way is left out and a file that gets shorter is filled up with zeros.
  bool live = false;
  bool enter_mounts = false;  // what is mounted in it too, apart from the kernel's own file systems
  bool root_entry = false;    // an entry for the source itself, "./", which says what it is like
  std::string only = {};      // just this entry of the source; under the name `as`, where that is given
  std::string as = {};
  EntrySieve* sieve = nullptr;
  bool digests = true;        // otherwise nobody asks what the bytes are, and the result has neither digest nor diff_id
  bool squash_owner = false;  // everything belongs to 0:0
  // Owners on disk from `id_base` on, `id_count` of them, are 0, 1, 2 … in the archive; any other is EINVAL ("unmapped").
  std::uint64_t id_base = 0;
  std::uint64_t id_count = 4294967295;
  std::optional<std::int64_t> max_mtime = {};  // no entry is newer than this second (SOURCE_DATE_EPOCH)
};

struct PackResult {
  std::string digest;   // of the blob
  std::string diff_id;  // of the tar in it
  std::uint64_t size = 0;
  std::uint64_t plain_size = 0;
  std::uint64_t entries = 0;
  std::uint64_t skipped_sockets = 0;
};

struct PackProgress {
  std::uint64_t plain_bytes = 0;
  std::uint64_t entries = 0;
};

// Packs a tree as a tar: names sorted, hard links found, holes kept, file capabilities, ACLs and user.* kept. No symbolic link is followed,
// no mount entered. The same tree gives the same bytes. A file that shrinks meanwhile is ESTALE, a name that begins with ".wh." EINVAL,
// an overlay directory that was renamed (redirect) or a file without its data (metacopy) EOPNOTSUPP. Step "pack layer".
Result<PackResult> PackLayer(const PackOptions& options, const std::function<void(const PackProgress&)>& progress = {});

// Packs a layer of these changes (layer/tree_changes.h) alone: what was deleted becomes a whiteout, the rest comes from the source.
Result<PackResult> PackChanges(const PackOptions& options, const std::vector<TreeChange>& changes,
                               const std::function<void(const PackProgress&)>& progress = {});

}  // namespace tsc
