// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "command/record.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/spec.h"

namespace tsc {

// A bundle as it was read: checked, and its paths made absolute. The working directory is the bundle from then on, since relative sources
// of mounts and the hooks are meant from there.
struct Bundle {
  std::string path, rootfs;
  Json config;
  Spec spec;
};
Result<Bundle> EnterBundle(const std::string& path);

// Of exec's --process, too: what only Windows has is taken out.
Result<Process> ReadProcess(Json json);

// Reads one JSON object.
Result<Json> ReadJsonFile(const std::string& path);

}  // namespace tsc
