// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "command/arguments.h"
#include "core/result.h"

namespace tsc {

// A whole decimal number. The failure is a sentence.
Result<std::int64_t> ParseNumber(const std::string& text);

// --preserve-fds: so many descriptors from 3 on, all of which must be open.
Result<unsigned> PreservedDescriptors(const Options& options);

}  // namespace tsc
