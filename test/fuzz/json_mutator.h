// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

// Changes that leave JSON what it is: a value somewhere in it becomes another one, goes, or is there twice.
namespace tsc::fuzz {

std::string MutateJson(const std::string& text, std::uint32_t seed);

}  // namespace tsc::fuzz
