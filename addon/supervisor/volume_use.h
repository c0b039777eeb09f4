// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// One that is a file system of its own: its type, and its options for fsconfig(2), flags without value.
struct VolumeFileSystem {
  std::string type;
  std::vector<std::pair<std::string, std::string>> data;

  bool in_memory() const { return type == "tmpfs"; }
};

// How a container uses a volume: an entry of `volumes` of the create message.
struct VolumeUse {
  std::string name;
  std::string record;     // of a volume that is made by this: the text of volume.json
  std::string copy_from;  // the path in the image whose content an empty one begins with; empty: it stays empty
  bool anonymous = false;
  std::optional<VolumeFileSystem> file_system = {};
};
Result<std::vector<VolumeUse>> ParseVolumeUses(const Json& list);

}  // namespace tsc
