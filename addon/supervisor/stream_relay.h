// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// Two connected streams, and all that one says told to the other, both ways, until both have said their last. The bytes stay in the
// kernel (splice(2)); who does not read holds the other one back.
class StreamRelay : public std::enable_shared_from_this<StreamRelay> {
 public:
  // `inside` may still be connecting. `ended` is called once, when both are closed.
  static Result<std::shared_ptr<StreamRelay>> Start(EventLoop* loop, UniqueFd outside, UniqueFd inside, std::function<void()> ended);
  void Close();

 private:
  struct Direction {
    UniqueFd read_end, write_end;  // of a pipe
    std::size_t held = 0;          // bytes in it
    bool ended = false, told = false;
  };
  StreamRelay(EventLoop* loop, UniqueFd outside, UniqueFd inside, std::function<void()> ended);

  void OnEvent();
  // False: the connection is broken.
  bool Move(Direction* direction, int from, int to);
  void Watch();
  void WatchFor(int fd, std::uint32_t* now, std::uint32_t wanted);

  EventLoop* loop_;
  UniqueFd outside_, inside_;
  std::function<void()> ended_;
  Direction inward_, outward_;
  std::uint32_t outside_events_ = 0, inside_events_ = 0;
};

}  // namespace tsc
