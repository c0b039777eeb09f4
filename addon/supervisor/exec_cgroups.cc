// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_cgroups.h"

#include <utility>

namespace tsc {

Result<ExecCgroup> ExecCgroups::Take(const Cgroup& container, const std::string& name, Kind kind) {
  limited_ |= kind == Kind::kLimited;
  if (kind != Kind::kOwn) {
    auto spare = std::exchange(spare_, std::nullopt);
    if (spare && !limited_ && spare->account.Empty()) return std::move(*spare);
    if (spare) (void)spare->cgroup.Remove();
  }
  return ExecCgroup{TSC_TRY(container.CreateExec(name)), {}, kind == Kind::kShared && !limited_};
}

bool ExecCgroups::GiveBack(ExecCgroup* used) {
  if (spare_ || limited_ || used->killed || !used->shared) return false;
  used->account.Begin();
  spare_ = std::move(*used);
  return true;
}

void ExecCgroups::Reset() {
  spare_.reset();
  limited_ = false;
}

}  // namespace tsc
