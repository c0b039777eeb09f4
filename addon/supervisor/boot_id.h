// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tsc {

// The kernel's name for the time since the machine was started; empty where it has none.
const std::string& BootId();

}  // namespace tsc
