// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

Status PrintJson(const Json& json, int indent = -1);
// Columns as wide as their widest cell.
Status PrintTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace tsc
