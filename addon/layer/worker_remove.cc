// SPDX-License-Identifier: Apache-2.0
#include "layer/deep_tree.h"
#include "layer/entry_name.h"
#include "layer/worker_args.h"
#include "layer/worker_kinds.h"

namespace tsc::work {

// Arguments: name, an entry of the directory. Result: {}.
Result<Json> RemoveTree(const Json& json, const Fds& fds, const WorkProgress&) {
  WorkerArgs args(json);
  std::string name;
  args.Read("name", name);
  TSC_TRY(args.status());
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
    return Fail("remove tree", EINVAL, PrintableName(name));
  TSC_TRY(RemoveDeepTree(fds[0].get(), name.c_str()));
  return Json::object();
}

}  // namespace tsc::work
