// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "layer/confine.h"
#include "layer/tree_size.h"
#include "supervisor/supervisor.h"
#include "supervisor/volume_store.h"

// The operations on volumes that no container is asked for.
namespace tsc {
namespace {

Result<Json> MeasureVolume(const Host& host, const std::string& name) {
  const UniqueFd data(::open(VolumePath(host, name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!data) return Errno("find volume", name);
  TSC_TRY(ConfineWorker(data.get(), true, TreeAccess::kRead));
  const auto size = TSC_TRY(MeasureTree(data.get()));
  return Json{{"bytes", size.bytes}, {"entries", size.entries}};
}

}  // namespace

void Supervisor::Volume(const Json& message, Descriptors*, Reply reply) {
  const std::string op = StringMember(message, "op");
  const std::string name = StringMember(message, "name");
  if (!IsName(name)) return reply.Fail(Fail("parse volume", EINVAL, name));
  if (op == "volume.create") {
    const std::string record = Member(message, "record").dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply.Done(MakeVolume(host_, name, record, static_cast<std::uint64_t>(std::max<std::int64_t>(0, IntMember(message, "quota")))));
  }
  if (op == "volume.usage") {
    background_.Run(reply, {host_.root_dir.get()}, [&](const auto&) { return MeasureVolume(host_, name); });
    return;
  }
  const auto removed = RemoveVolume(host_, name);
  if (removed.ok()) Reap();
  if (removed.ok() || removed.failure().error != EBUSY) return reply.Done(removed);
  reply.Fail(Fail("remove volume", EBUSY, VolumeUser(name)));
}

// Empty for one that is just being made, by its monitor.
std::string Supervisor::VolumeUser(const std::string& volume) const {
  for (const auto& [id, container] : containers_)
    for (const auto& use : container->request().volumes)
      if (use.name == volume) return container->request().name;
  const auto stored = StoredVolumeUser(host_, volume);
  return stored.ok() ? stored->value_or("") : "";
}

}  // namespace tsc
