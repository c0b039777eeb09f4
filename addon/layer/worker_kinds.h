// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "layer/worker.h"

// The kinds behind RunLayerWork. Not for use elsewhere.
namespace tsc::work {

using Json = nlohmann::json;
using Fds = std::vector<UniqueFd>;

Result<Json> UnpackLayer(const Json& args, const Fds& fds, const WorkProgress& progress);
Result<Json> PackLayer(const Json& args, const Fds& fds, const WorkProgress& progress);
Result<Json> ExtractArchive(const Json& args, const Fds& fds, const WorkProgress& progress);
Result<Json> PackHostTree(const Json& args, const Fds& fds, const WorkProgress& progress);
Result<Json> UnpackHostTree(const Json& args, const Fds& fds, const WorkProgress& progress);
Result<Json> RemoveTree(const Json& args, const Fds& fds, const WorkProgress& progress);

}  // namespace tsc::work
