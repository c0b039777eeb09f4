// SPDX-License-Identifier: Apache-2.0
#include "binding/spawn_work.h"

#include <optional>
#include <utility>

#include "binding/spawn.h"

namespace tsc::binding {
namespace {

// One start of the supervisor on a thread of libuv's pool; it deletes itself when it is done.
class SpawnWork : public Napi::AsyncWorker {
 public:
  SpawnWork(Napi::Env env, SpawnOptions options)
      : Napi::AsyncWorker(env, "tscontainer.spawnSupervisor"), deferred_(Napi::Promise::Deferred::New(env)), options_(std::move(options)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { line_.emplace(SpawnSupervisor(options_)); }

  void OnOK() override {
    if (line_->ok()) {
      deferred_.Resolve(Napi::String::New(Env(), **line_));
    } else {
      deferred_.Reject(ToError(Env(), line_->failure()).Value());
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  SpawnOptions options_;
  std::optional<Result<std::string>> line_;
};

std::vector<std::string> Strings(const Napi::Value& value) {
  std::vector<std::string> strings;
  if (!value.IsArray()) return strings;
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); i++) strings.push_back(TextOf(array[i]));
  return strings;
}

Napi::Value Spawn(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) return Throw(info.Env(), Fail("start supervisor", EINVAL));
  const auto given = info[0].As<Napi::Object>();
  SpawnOptions options;
  options.executable = TextOf(given.Get("executable"));
  options.arguments = Strings(given.Get("arguments"));
  options.environment = Strings(given.Get("environment"));
  options.keep_stderr = FlagOf(given.Get("keepStderr"));
  options.timeout_ms = NumberOf(given.Get("timeoutMs"), 0);
  if (options.executable.empty()) return Throw(info.Env(), Fail("start supervisor", EINVAL));
  auto* work = new SpawnWork(info.Env(), std::move(options));
  const Napi::Promise promise = work->Promise();
  work->Queue();
  return promise;
}

}  // namespace

void DefineSpawn(Napi::Env env, Napi::Object exports) {
  exports.Set("spawnSupervisor", Napi::Function::New<Spawn>(env, "spawnSupervisor"));
}

}  // namespace tsc::binding
