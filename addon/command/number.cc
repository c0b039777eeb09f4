// SPDX-License-Identifier: Apache-2.0
#include "command/number.h"

#include <fcntl.h>

#include <charconv>

#include "command/sentence.h"

namespace tsc {

Result<std::int64_t> ParseNumber(const std::string& text) {
  std::int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return Refuse("\"" + text + "\" is not a number");
  return value;
}

Result<unsigned> PreservedDescriptors(const Options& options) {
  if (!options.has("preserve-fds")) return 0U;
  const auto count = TSC_TRY(ParseNumber(options.get("preserve-fds")));
  if (count < 0 || count > 1024) return Refuse("--preserve-fds takes a number up to 1024");
  for (int fd = 3; fd < 3 + static_cast<int>(count); ++fd)
    if (::fcntl(fd, F_SETFD, 0) != 0) return Refuse("--preserve-fds: descriptor " + std::to_string(fd) + " is not open");
  return static_cast<unsigned>(count);
}

}  // namespace tsc
