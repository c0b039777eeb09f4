// SPDX-License-Identifier: Apache-2.0
#include "binding/channel.h"
#include "binding/descriptors.h"
#include "binding/script_descriptors.h"
#include "binding/spawn_work.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  tsc::binding::InitScriptDescriptors(env);
  tsc::binding::DefineDescriptors(env, exports);
  tsc::binding::DefineSpawn(env, exports);
  exports.Set("Channel", tsc::binding::Channel::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(tscontainer, Init)
