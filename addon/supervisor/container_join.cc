// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include "runtime/inside_mount.h"
#include "supervisor/container.h"

// Containers that share namespaces with another one: decision 27.
namespace tsc {

void Container::TellNamespaces(const Reply& reply) const {
  if (!alive()) return reply.Fail(WrongState("join namespaces", ContainerState::kStopped));
  Json own = Json::array();
  for (const char* type : {"network", "pid", "ipc", "uts"})
    if (request_.spec.namespace_of(NamespaceFlag(type))) own.push_back(type);
  const bool user = request_.user_namespace && context_.host->user_namespaces;
  reply.Ok({{"own", std::move(own)}, {"userns", user ? "private" : "host"}}, {launched_.pidfd.get()});
}

// Looked up anew for each start, since the other may have been started again too. Of one that another process owns there is only the
// process that it was then; when that is gone, so are we.
Status Container::JoinOther(ContainerPlan* plan) {
  const auto& join = request_.join;
  if (join.kinds == 0) return {};
  const int here = context_.find_process(join.container);
  plan->joined.target = here >= 0 ? here : join.pidfd.get();
  if (plan->joined.target < 0) return Fail("join namespaces", ESRCH, join.container);
  const bool user = plan->spec.namespace_of(CLONE_NEWUSER) != nullptr;
  plan->joined.kinds = join.kinds | (user ? CLONE_NEWUSER : 0);
  if (!(join.kinds & CLONE_NEWIPC)) return {};
  // POSIX shared memory is files: who shares the namespace expects to find them.
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    if (plan->spec.mounts[i].destination != "/dev/shm" || plan->bind_sources[i]) continue;
    plan->bind_sources[i] = TSC_TRY(CloneMountInside(plan->joined.target, plan->joined.kinds, "/dev/shm"));
  }
  return {};
}

}  // namespace tsc
