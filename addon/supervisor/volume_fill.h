// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "supervisor/host.h"
#include "supervisor/volume_store.h"
#include "supervisor/volume_use.h"

// An empty volume begins with what the image has where it is mounted, as with Docker: content, owners, modes, attributes, and how the
// directory itself is. A volume's directory then has, one after the other:
//
//   new/    a copy under way; whoever finds one begins anew
//   full/   a whole copy, whose entries are moved into data/ one by one; whoever finds one goes on with that
//
// so that a kill at any moment leaves an empty volume or one that the next container completes.
namespace tsc {

// Those of the uses that may have to be filled: a look at the disk, no more.
std::vector<VolumeUse> VolumesToFill(const Host& host, const std::vector<VolumeUse>& uses);

struct VolumeFill {
  std::vector<VolumeUse> uses;
  std::vector<std::string> layers;  // of the image: hex diffIDs, lowest first
};
// Does it, waiting for others that are at it. For a worker (Background), which it shuts in to the store. Step "fill volume".
Result<Json> FillVolumes(const Host& host, const VolumeFill& fill);

}  // namespace tsc
