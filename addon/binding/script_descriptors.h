// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "binding/environment.h"
#include "core/unique_fd.h"

namespace tsc::binding {

// Descriptors that JavaScript owns by number. Each environment knows its own, so that a worker thread which is terminated in the middle
// of something leaks none of them: what it still owned is closed with it.

// Installs the table of this environment.
void InitScriptDescriptors(Napi::Env env);

// The number by which JavaScript owns the descriptor from now on.
Napi::Number GiveToScript(Napi::Env env, UniqueFd fd);

// Takes it back; empty where this environment does not own it.
UniqueFd TakeFromScript(Napi::Env env, int fd);

}  // namespace tsc::binding
