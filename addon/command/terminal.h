// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Gives a terminal's master to whoever listens at --console-socket (one message with the descriptor).
Status SendTerminal(const std::string& socket, int master);

// The terminal that the caller has as stdin, raw for as long as this lives; what is typed goes to `master`, what comes from it to stdout.
class TerminalRelay {
 public:
  explicit TerminalRelay(UniqueFd master);
  ~TerminalRelay();
  TerminalRelay(const TerminalRelay&) = delete;
  TerminalRelay& operator=(const TerminalRelay&) = delete;

  int master() const { return master_.get(); }
  int input() const { return input_open_ ? 0 : -1; }
  void FromCaller();
  // False: it has ended.
  bool FromProgram();
  void Resize();

 private:
  UniqueFd master_;
  bool raw_ = false;
  bool input_open_ = true;
};

}  // namespace tsc
