// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// The reading end of what a process writes that nobody reads: kept, and emptied, so that the process neither waits for long nor is ended by
// it. However much that is, it costs next to nothing: a pipe is moved to /dev/null as it is, and then left alone for some milliseconds.
class OutputDrain {
 public:
  OutputDrain(EventLoop* loop, UniqueFd end) : loop_(loop), end_(std::move(end)) {}
  ~OutputDrain();
  OutputDrain(const OutputDrain&) = delete;
  OutputDrain& operator=(const OutputDrain&) = delete;

  // Until then it is only kept.
  void Begin();

 private:
  void Watch();
  void Drop();
  ssize_t Discard();

  EventLoop* loop_;
  UniqueFd end_;
  UniqueFd null_;
  bool begun_ = false;
  std::optional<EventLoop::TimerId> rest_;
};

}  // namespace tsc
