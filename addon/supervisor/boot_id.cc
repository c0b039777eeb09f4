// SPDX-License-Identifier: Apache-2.0
#include "supervisor/boot_id.h"

#include <fcntl.h>

#include "core/paths.h"

namespace tsc {

const std::string& BootId() {
  static const std::string id = [] {
    const auto text = ReadFileAt(AT_FDCWD, "/proc/sys/kernel/random/boot_id");
    return text.ok() ? text->substr(0, text->find('\n')) : std::string();
  }();
  return id;
}

}  // namespace tsc
