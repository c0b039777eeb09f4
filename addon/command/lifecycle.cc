// SPDX-License-Identifier: Apache-2.0
#include "command/lifecycle.h"

#include <poll.h>
#include <signal.h>

#include "command/cgroup_place.h"
#include "command/hooks.h"
#include "command/sentence.h"
#include "command/start_gate.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr int kKillTimeoutMs = 10000;

// It is another's child: its end can be seen, not waited for.
Status KillFirstProcess(const RecordPlace& place) {
  const auto process = place.OpenProcess();
  if (!process.ok()) return {};
  sys::pidfd_send_signal(process->get(), SIGKILL);
  pollfd watched{process->get(), POLLIN, 0};
  if (::poll(&watched, 1, kKillTimeoutMs) == 0) return Refuse("container " + place.record.id + " cannot be killed");
  return {};
}

}  // namespace

Status StartContainer(const Invocation& call, const RecordPlace& place) {
  const auto status = place.status();
  if (status == ContainerStatus::kStopped) return Refuse("cannot start a container that has stopped");
  if (status != ContainerStatus::kCreated) return Refuse("cannot start an already running container");
  TSC_TRY(OpenGate(place.directory.get()));
  const auto hooks = RunHooks(place.record.config, "poststart", place.State(ContainerStatus::kRunning));
  if (!hooks.ok()) call.log.Warn(Sentence(hooks.failure()));
  return {};
}

Status DeleteContainer(const Invocation& call, const RecordPlace& place) {
  // A frozen process does not die.
  if (auto cgroup = OpenContainerCgroup(place.record); cgroup.ok() && IsFrozen(place.record)) (void)cgroup->Freeze(false);
  TSC_TRY(KillFirstProcess(place));
  TSC_TRY(RemoveContainerCgroup(place.record));
  TSC_TRY(RemoveRecord(call.root, place.record.id));
  const auto hooks = RunHooks(place.record.config, "poststop", place.State(ContainerStatus::kStopped));
  if (!hooks.ok()) call.log.Warn(Sentence(hooks.failure()));
  return {};
}

Result<int> StartCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  TSC_TRY(StartContainer(call, place));
  return 0;
}

Result<int> DeleteCommand(const Invocation& call) {
  const auto id = TSC_TRY(call.id());
  const bool force = call.options.is_set("force");
  const auto place = OpenRecord(call.root, id);
  if (!place.ok()) return force && CheckId(id).ok() ? Result<int>(0) : place.failure();
  const auto status = place->status();
  const bool stopped = status == ContainerStatus::kStopped || status == ContainerStatus::kCreated;
  if (!stopped && !force) return Refuse("cannot delete container " + id + " that is not stopped: " + NameOf(status));
  TSC_TRY(DeleteContainer(call, *place));
  return 0;
}

}  // namespace tsc
