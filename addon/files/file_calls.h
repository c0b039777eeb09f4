// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "files/file_root.h"

namespace tsc {

// The calls of the `file` operation (docs/protocol.md), each short, and each about paths that are resolved below the root whatever happens
// to them meanwhile. `opened` gets the descriptor of "open". The object of a failure is the path as it was given.
Result<Json> CallFile(const FileRoot& root, const Json& request, UniqueFd* opened);

bool IsFileCall(const std::string& call);

}  // namespace tsc
