// SPDX-License-Identifier: Apache-2.0
#include "supervisor/host_terminal.h"

#include <algorithm>
#include <iterator>

namespace tsc {
namespace {

constexpr std::size_t kFlags = 4;
// Editors of command lines leave some of these on, so that with none of them it is only what Node made of it.
constexpr tcflag_t kNeverRaw = ICANON | ECHO | ISIG | IEXTEN;

template <class Number>
Number NumberOf(const Json& value) {
  return static_cast<Number>(IntOf(value));
}

}  // namespace

Result<HostTerminal> HostTerminal::Keep(UniqueFd terminal, const Json& settings) {
  termios kept{};
  if (::tcgetattr(terminal.get(), &kept) != 0) return Errno("keep terminal");
  if (!settings.is_array() || settings.size() <= kFlags) return Fail("keep terminal", EINVAL, "settings");
  kept.c_iflag = NumberOf<tcflag_t>(settings[0]);
  kept.c_oflag = NumberOf<tcflag_t>(settings[1]);
  kept.c_cflag = NumberOf<tcflag_t>(settings[2]);
  kept.c_lflag = NumberOf<tcflag_t>(settings[3]);
  const auto characters = std::min(settings.size() - kFlags, std::size(kept.c_cc));
  for (std::size_t i = 0; i < characters; ++i) kept.c_cc[i] = NumberOf<cc_t>(settings[kFlags + i]);
  return HostTerminal(std::move(terminal), kept);
}

void HostTerminal::GiveBack() const {
  termios now{};
  if (::tcgetattr(terminal_.get(), &now) != 0 || (now.c_lflag & kNeverRaw) != 0) return;
  // At once: with its output held up (Ctrl-S) it would be waited for.
  ::tcsetattr(terminal_.get(), TCSANOW, &settings_);
}

}  // namespace tsc
