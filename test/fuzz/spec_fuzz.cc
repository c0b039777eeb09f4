// SPDX-License-Identifier: Apache-2.0
// The OCI runtime specification and the limits in it. Everything is read from JSON of any shape.
#include "cgroup/resources.h"
#include "core/json_reader.h"
#include "json_mutator.h"
#include "runtime/spec.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

void CheckSpec(const Spec& spec) {
  for (const auto& mount : spec.mounts) Require(mount.destination.starts_with('/'));
  for (const auto& device : spec.devices) Require(device.path.starts_with('/') && device.type != 0);
  for (const auto& entry : spec.namespaces) Require(spec.namespace_of(entry.flag) == &entry);
  if (spec.process) Require(spec.process->cwd.starts_with('/'));
}

void Run(std::string_view input) {
  const Json config = Json::parse(input, nullptr, false);
  const auto spec = ParseSpec(config);
  if (spec.ok()) CheckSpec(*spec);
  (void)ParseResources(Member(Member(config, "linux"), "resources")).ok();
  (void)ParseResources(config).ok();
}

const Registration kTarget({"spec", Run, MutateJson});

}  // namespace
}  // namespace tsc::fuzz
