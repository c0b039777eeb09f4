// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

using WorkProgress = std::function<void(const nlohmann::json&)>;

// What a confined worker does, chosen by name. Arguments and results are described in worker_<kind>.cc; unknown arguments are ignored,
// one of the wrong type is EINVAL of the step "read arguments".
//   "layer.unpack"     [blob, empty target directory, (copy of the blob)]
//   "layer.pack"       [source directory, output]
//   "archive.extract"  [archive, empty target directory]
//   "tree.pack"        [directory, output, (ask, answer: layer/entry_sieve.h)]
//   "tree.unpack"      [tar, directory, (ask, answer)]
//   "tree.remove"      [parent directory]
// Blocks until the work is done. ENOSYS for any other name.
Result<nlohmann::json> RunLayerWork(const std::string& kind, const nlohmann::json& args, std::vector<UniqueFd> fds,
                                    const WorkProgress& progress);

// Shuts the process in (layer/confine.h) at the directory that the work is about, then does it. For a forked child, which exits afterwards.
Result<nlohmann::json> RunConfinedLayerWork(const std::string& kind, const nlohmann::json& args, std::vector<UniqueFd> fds,
                                            const WorkProgress& progress);

// Whether there is such a kind, so that the supervisor can refuse a request before it forks.
bool IsLayerWork(const std::string& kind);

}  // namespace tsc
