// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/host.h"

// What a stack of unpacked layers shows, without a container: results of builds. For workers (Background).
namespace tsc {

// Layers are hex diffIDs, the lowest first.
//   build.export  {layers, name, maxMtime?}; a tar of everything goes to `output`; {entries}. `name` is an empty staging directory
//                 (layer.begin), in which a copy is made where no overlay can be mounted.
//   build.read    {layers, path, maxBytes}; what is in the file goes to `output`; {size}, null where there is no such file, or a larger
//   one.
//                 Links are followed inside the stack.
Result<Json> ReadStack(const Host& host, const Json& request, int output);

}  // namespace tsc
