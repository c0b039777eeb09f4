// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// {ok, errno, step} of something that was tried.
Json AttemptJson(const Status& status);

// Runs it in a child, so that whatever it entered or mounted ends with it, and gives back what it returned; null where the child was
// killed.
Json InChild(const std::function<Json()>& body);

// Both: tries something in a child.
Json Attempt(const std::function<Status()>& attempt);

}  // namespace tsc
