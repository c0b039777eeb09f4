// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/result.h"
#include "layer/entry_metadata.h"

namespace tsc {

// What the attributes of a file say. `fd` is not O_PATH.
struct TreeXattrs {
  Xattrs kept;           // those that belong into an archive, sorted
  bool opaque = false;   // overlay's mark
  bool partial = false;  // overlay's redirect or metacopy: the content is elsewhere
};

// `id_base`: the id on disk that is root, which file capabilities set in a user namespace carry along; access lists name ids from there on.
Result<TreeXattrs> ReadXattrs(int fd, std::uint64_t id_base);

}  // namespace tsc
