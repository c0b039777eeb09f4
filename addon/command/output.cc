// SPDX-License-Identifier: Apache-2.0
#include "command/output.h"

#include <unistd.h>

#include <algorithm>

#include "core/paths.h"

namespace tsc {

Status PrintJson(const Json& json, int indent) {
  return WriteAll(STDOUT_FILENO, json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n", "stdout");
}

Status PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
    }
    text += '\n';
  }
  return WriteAll(STDOUT_FILENO, text, "stdout");
}

}  // namespace tsc
