// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// A field of config.json that asks for something which is not done here is an error, never ignored. The failure is a sentence.
Status CheckConfig(const Json& config);
Status CheckProcess(const Json& process);

}  // namespace tsc
