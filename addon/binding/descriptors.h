// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "binding/environment.h"

namespace tsc::binding {

// The small calls on descriptors; none of them blocks. Their signatures stand in src/native/addon.ts.
void DefineDescriptors(Napi::Env env, Napi::Object exports);

}  // namespace tsc::binding
