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

// `contexts` are directories of the host. A source is one of them, by its number `context`, or the layers that `from` names: hex diffIDs,
// the lowest first.
//   build.digest  {context? | from?, selection}; {digest, entries, bytes}
//   build.copy    {name, layers, sources: [{context? | from?, selection, unpack, expected?}…], destination, owner?, mode?, madeAt,
//   maxMtime?};
//                 {diffId, size, digests, entries, bytes, skippedDevices, droppedXattrs}
//   build.mkdir   {name, layers, path, owner?, madeAt}; {diffId, size, entries}, which is 0 where it was there
//   build.seal    {name, container, layers, userNamespace, mountPoints}; {diffId, size, entries}, which is 0 where nothing was changed. The
//                 container has ended, and what it wrote is no longer there. Mount points that are empty, and that it has by being made to
//                 mount something upon, are no part of the layer.
//   build.cache, build.usage, build.forget  supervisor/build_cache.h
// selection: {sources, ignore?, exclude?, parents?}. `name` is a staging directory (layer.begin) that becomes the layer's.
Result<Json> RunBuildRequest(const Host& host, const Json& request, const std::vector<int>& contexts);

}  // namespace tsc
