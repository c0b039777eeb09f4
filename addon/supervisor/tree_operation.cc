// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervisor.h"
#include "supervisor/tree_request.h"

// The operations that read whole trees of the store, each in a worker.
namespace tsc {

void Supervisor::Tree(const Json& message, Descriptors* descriptors, Reply reply) {
  const std::string id = StringMember(message, "container");
  const std::string what = StringMember(message, "what");
  if (!IsTreeRequest(what)) return reply.Fail(Fail("start worker", ENOSYS, what));
  const auto container = Find(id);
  if (!container) return reply.Fail(Fail("find container", ENOENT, id));
  // Before that its root may be half a copy.
  if (container->state() == ContainerState::kPreparing) return reply.Fail(Fail("tree", EBUSY, StateName(container->state())));
  const int output = descriptors->empty() ? -1 : descriptors->front().get();
  if (output < 0 && what != "usage") return reply.Fail(Fail("start worker", EINVAL, what + ": descriptors missing"));
  const auto& request = container->request();
  const TreeRequest tree{id, request.layers, request.user_namespace, what, Member(message, "args")};
  std::vector<int> keep = {host_.root_dir.get()};
  if (output >= 0) keep.push_back(output);
  background_.Run(reply, keep, [&](const std::function<void(const Json&)>& progress) { return ReadTree(host_, tree, output, progress); });
}

void Supervisor::FixUp(const Json& message, Descriptors*, Reply reply) {
  const std::string staging = StringMember(message, "name");
  const auto layers = StringsMember(message, "layers");
  if (!IsName(staging)) return reply.Fail(Fail("parse name", EINVAL, staging));
  for (const auto& layer : layers)
    if (!IsId(layer)) return reply.Fail(Fail("parse layer", EINVAL, layer));
  background_.Run(reply, {host_.root_dir.get()}, [&](const auto&) { return FixUpLayers(host_, layers, staging); });
}

}  // namespace tsc
