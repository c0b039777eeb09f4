// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/host.h"

// Directories that commands of builds find again: `cache/build/<cache>/<number>` of the store, where <cache> is 64 hex digits. Owners on
// the disk are those of volumes. All of these run in a worker that is shut in to the store, whose descriptor is `store`.
namespace tsc {

//   build.cache   {cache, number, layers, source?, uid?, gid?, mode?}; {made}. Makes it where it is missing: with what the layers have at
//                 `source`, by one rename. Whoever asks has the cache alone. ENOENT ("fill cache") where they have no such directory.
Result<Json> MakeBuildCache(const Host& host, int store, const Json& request);
//   build.usage   {cache}; {bytes, entries}, of all its directories
Result<Json> MeasureBuildCache(const Host& host, int store, const Json& request);
//   build.forget  {cache}; {}. Removes it; what a kill leaves of that counts as nothing, and goes with the next one.
Result<Json> RemoveBuildCache(const Host& host, int store, const Json& request);

}  // namespace tsc
