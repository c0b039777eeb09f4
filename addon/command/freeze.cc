// SPDX-License-Identifier: Apache-2.0
#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/record.h"
#include "command/sentence.h"

namespace tsc {

Result<int> PauseCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  const auto status = place.status();
  if (status != ContainerStatus::kRunning && status != ContainerStatus::kCreated)
    return Refuse("container not running: " + place.record.id);
  auto cgroup = TSC_TRY(OpenContainerCgroup(place.record));
  TSC_TRY(cgroup.Freeze(true));
  return 0;
}

Result<int> ResumeCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  if (!place.alive() || !IsFrozen(place.record)) return Refuse("container not paused");
  auto cgroup = TSC_TRY(OpenContainerCgroup(place.record));
  TSC_TRY(cgroup.Freeze(false));
  return 0;
}

}  // namespace tsc
