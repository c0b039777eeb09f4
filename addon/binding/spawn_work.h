// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "binding/environment.h"

namespace tsc::binding {

// spawnSupervisor({executable, arguments, environment, keepStderr, timeoutMs}): Promise<string>, the ready line.
void DefineSpawn(Napi::Env env, Napi::Object exports);

}  // namespace tsc::binding
