// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dials.h"
#include "supervisor/supervisor.h"

// A connection to a port inside a container.
namespace tsc {

void Supervisor::Dial(const Json& message, Descriptors*, Reply reply) {
  const std::string id = StringMember(message, "container");
  const auto port = IntMember(message, "port");
  const auto timeout = IntMember(message, "timeoutMs");
  if (port < 1 || port > 65'535) return reply.Fail(Fail("parse port", EINVAL, std::to_string(port)));
  if (timeout < 1) return reply.Fail(Fail("parse timeout", EINVAL, std::to_string(timeout)));
  const auto container = Find(id);
  if (!container) return reply.Fail(Fail("find container", ENOENT, id));
  const auto state = container->state();
  const bool runs = state == ContainerState::kRunning || state == ContainerState::kPaused;
  if (!runs || !container->alive()) return reply.Fail(Fail("dial", EBUSY, StateName(state)));
  auto addresses = DialAddresses(StringMember(message, "host"), static_cast<std::uint16_t>(port));
  if (!addresses.ok()) return reply.Fail(addresses.failure());
  container->Touch();
  // The host's network is where we are ourselves; without root we could not enter it from a user namespace.
  const bool shared = container->request().spec.namespace_of(CLONE_NEWNET) == nullptr;
  dials_.Start({id, shared ? -1 : container->pidfd(), std::move(*addresses), std::chrono::milliseconds(timeout)}, reply);
}

}  // namespace tsc
