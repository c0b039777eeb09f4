// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// --log and --log-format. Without a file, lines go to stderr; an error goes there in any case.
class Log {
 public:
  Status Open(const std::string& path, const std::string& format);
  void Error(const std::string& sentence) const;
  void Warn(const std::string& sentence) const;

 private:
  void Write(const char* level, const std::string& sentence) const;

  UniqueFd file_;
  bool json_ = false;
};

// RFC 3339, UTC.
std::string Timestamp();

}  // namespace tsc
