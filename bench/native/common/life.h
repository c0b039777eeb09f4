// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cgroup/driver.h"
#include "core/json_reader.h"
#include "runtime/container_plan.h"
#include "supervisor/host.h"

// A container's life by the engine's C++ core alone, with everything that the engine gives a container, composed as the supervisor
// composes it but without its loop, messages and records.
namespace bench {

struct LifeInput {
  tsc::Host* host = nullptr;
  tsc::Spec spec;
  tsc::CgroupResources resources;
  std::shared_ptr<const tsc::SeccompProgram> seccomp;
  std::string layer;  // name below layers/
};

// Microseconds from the beginning.
struct LifeTimes {
  double prepared = 0;  // directories, binds, devices, overlay
  double limited = 0;   // its cgroups
  double cloned = 0;
  double ready = 0;  // all but the program
  double executed = 0;
  double ended = 0;
  double removed = 0;
};

// Reads an OCI config.json; seccomp and resources go where the supervisor has them.
tsc::Result<LifeInput> ReadLifeInput(const std::string& config_path, tsc::Host* host, const std::string& layer);

tsc::Result<LifeTimes> RunLife(const LifeInput& input);

}  // namespace bench
