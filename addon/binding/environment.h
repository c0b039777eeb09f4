// SPDX-License-Identifier: Apache-2.0
#pragma once

// The only way this folder includes Node-API: C++ exceptions off, so that a JavaScript exception stays pending in the environment.
#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#ifndef NAPI_DISABLE_CPP_EXCEPTIONS
#define NAPI_DISABLE_CPP_EXCEPTIONS
#endif
// A worker thread that is being terminated can run no JavaScript: what cannot be thrown there is dropped, not fatal.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>
#include <uv.h>

#include <cstdint>
#include <string>

#include "core/result.h"

namespace tsc::binding {

// The failure as a JavaScript error with `step`, `errno` (a positive number) and `object`; src/native words it.
inline Napi::Error ToError(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.step + " " + failure.object);
  error.Set("step", Napi::String::New(env, failure.step));
  error.Set("errno", Napi::Number::New(env, failure.error));
  error.Set("object", Napi::String::New(env, failure.object));
  return error;
}

// Leaves the failure pending: the caller returns what this returns.
inline Napi::Value Throw(Napi::Env env, const Failure& failure) {
  ToError(env, failure).ThrowAsJavaScriptException();
  return env.Undefined();
}

// What a script gave, without a conversion: that could run JavaScript, and in a worker that is being terminated it leaves a value of no
// environment, of which the next use is fatal to the whole process.
inline bool FlagOf(const Napi::Value& value) { return value.IsBoolean() && value.As<Napi::Boolean>().Value(); }
inline std::string TextOf(const Napi::Value& value) { return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string(); }
inline std::int32_t NumberOf(const Napi::Value& value, std::int32_t otherwise) {
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : otherwise;
}

// The loop of this environment: of the main thread or of a worker.
inline uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  return napi_get_uv_event_loop(env, &loop) == napi_ok ? loop : nullptr;
}

}  // namespace tsc::binding
