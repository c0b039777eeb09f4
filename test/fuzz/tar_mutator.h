// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

// Changes that leave an archive one: whole blocks, and single fields of headers, whose checksums hold afterwards.
namespace tsc::fuzz {

std::string MutateTar(const std::string& tar, std::uint32_t seed);

}  // namespace tsc::fuzz
