// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervisor.h"

namespace tsc {

void Supervisor::Network(const Json& message, Descriptors*, Reply reply) {
  const std::string op = StringMember(message, "op");
  if (op == "network.remove") return networks_.Remove(StringMember(message, "network"), reply);
  if (op == "network.egress")
    return reply.Done(networks_.SetEgress(StringMember(message, "network"), IntMember(message, "version"), Member(message, "egress")));
  if (op == "network.ensure") {
    const auto definition = ParseNetworkDefinition(Member(message, "network"));
    return definition.ok() ? networks_.Ensure(*definition, reply) : reply.Fail(definition.failure());
  }
  if (op == "network.partition") {
    const auto partitions = ParsePartitions(message);
    return partitions.ok() ? reply.Done(networks_.Sever(*partitions, reply.connection())) : reply.Fail(partitions.failure());
  }
  if (op == "network.heal") {
    networks_.Heal({StringMember(message, "network"), StringsMember(message, "one"), StringsMember(message, "other")});
    return reply.Ok();
  }
  auto described = networks_.Describe();
  if (!described.ok()) return reply.Fail(described.failure());
  reply.Ok(std::move(*described));
}

}  // namespace tsc
