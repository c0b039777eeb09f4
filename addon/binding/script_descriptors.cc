// SPDX-License-Identifier: Apache-2.0
#include "binding/script_descriptors.h"

#include <unordered_map>
#include <utility>

namespace tsc::binding {
namespace {

using Table = std::unordered_map<int, UniqueFd>;

}  // namespace

void InitScriptDescriptors(Napi::Env env) { env.SetInstanceData(new Table()); }

Napi::Number GiveToScript(Napi::Env env, UniqueFd fd) {
  const int number = fd.get();
  (*env.GetInstanceData<Table>())[number] = std::move(fd);
  return Napi::Number::New(env, number);
}

UniqueFd TakeFromScript(Napi::Env env, int fd) {
  Table& table = *env.GetInstanceData<Table>();
  const auto found = table.find(fd);
  if (found == table.end()) return {};
  UniqueFd taken = std::move(found->second);
  table.erase(found);
  return taken;
}

}  // namespace tsc::binding
