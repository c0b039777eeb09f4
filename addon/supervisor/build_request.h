// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/host.h"

// What a build has done in the store by confined workers (Background), which parse nothing of strangers but names and archives.
namespace tsc {

// Whether there is such an operation ("build.digest", …), so that a request can be refused before a worker is forked.
bool IsBuildRequest(const std::string& op);

// `context` is a directory of the host, or -1 where `from` names layers. Layers are hex diffIDs, the lowest first.
//   build.digest  {from?, selection}; {digest, entries, bytes}
//   build.copy    {name, layers, from?, selection, destination, owner?, mode?, unpack, expected?, madeAt, maxMtime?};
//                 {diffId, size, digest, entries, bytes, skippedDevices, droppedXattrs}
//   build.mkdir   {name, layers, path, owner?, madeAt}; {diffId, size, entries}, which is 0 where it was there
//   build.seal    {name, container, layers, userNamespace, mountPoints}; {diffId, size, entries}, which is 0 where nothing was changed. The
//                 container has ended, and what it wrote is no longer there. Mount points that are empty, and that it has by being made to
//                 mount something upon, are no part of the layer.
// selection: {sources, ignore?, exclude?, parents?}. `name` is a staging directory (layer.begin) that becomes the layer's.
Result<Json> RunBuildRequest(const Host& host, const Json& request, int context);

}  // namespace tsc
