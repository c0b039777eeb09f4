// SPDX-License-Identifier: Apache-2.0
#include "core/paths.h"
#include "supervisor/build_request.h"
#include "supervisor/stack_request.h"
#include "supervisor/stored_container.h"
#include "supervisor/supervisor.h"

// The operations of a build, each in a worker.
namespace tsc {
namespace {

// Names of the request become paths of the store.
Status CheckNames(const Json& message) {
  const auto name = StringMember(message, "name");
  if (!name.empty() && !IsName(name)) return Fail("parse name", EINVAL, name);
  for (const char* list : {"layers", "from"})
    for (const auto& layer : StringsMember(message, list))
      if (!IsId(layer)) return Fail("parse layer", EINVAL, layer);
  for (const Json& source : Member(message, "sources"))
    for (const auto& layer : StringsMember(source, "from"))
      if (!IsId(layer)) return Fail("parse layer", EINVAL, layer);
  return {};
}

}  // namespace

void Supervisor::Build(const Json& message, Descriptors* descriptors, Reply reply) {
  if (const auto checked = CheckNames(message); !checked.ok()) return reply.Fail(checked.failure());
  std::vector<int> contexts, keep = {host_.root_dir.get()};
  for (const auto& descriptor : *descriptors) contexts.push_back(descriptor.get());
  keep.insert(keep.end(), contexts.begin(), contexts.end());
  background_.Run(reply, keep, [&](const auto&) { return RunBuildRequest(host_, message, contexts); });
}

// A container's layers are what it was made with, whatever the message says.
void Supervisor::SealLayer(const Json& message, Descriptors*, Reply reply) {
  if (const auto checked = CheckNames(message); !checked.ok()) return reply.Fail(checked.failure());
  const std::string id = StringMember(message, "container");
  const auto container = Find(id);
  if (!container) return reply.Fail(Fail("find container", ENOENT, id));
  if (container->state() != ContainerState::kStopped || !container->settled() || container->restart_pending())
    return reply.Fail(Fail("seal layer", EBUSY, StateName(container->state())));
  Json request = message;
  request["layers"] = container->request().layers;
  request["userNamespace"] = container->request().user_namespace;
  background_.Run(reply, {host_.root_dir.get()}, [&](const auto&) { return RunBuildRequest(host_, request, {}); });
}

void Supervisor::ReadLayers(const Json& message, Descriptors* descriptors, Reply reply) {
  if (const auto checked = CheckNames(message); !checked.ok()) return reply.Fail(checked.failure());
  if (descriptors->empty()) return reply.Fail(Fail("start worker", EINVAL, "build: descriptors missing"));
  const int output = descriptors->front().get();
  background_.Run(reply, {host_.root_dir.get(), output}, [&](const auto&) { return ReadStack(host_, message, output); });
}

}  // namespace tsc
