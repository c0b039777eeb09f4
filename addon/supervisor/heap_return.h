// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "supervisor/event_loop.h"

namespace tsc {

// Gives the kernel back what many containers took: by itself the C library keeps free memory that lies between what is still used.
class HeapReturn {
 public:
  explicit HeapReturn(EventLoop* loop) : loop_(loop) {}
  // A container is no more. Once there were many, and then none for a while, what is free goes.
  void Gone();

 private:
  void Wait();

  EventLoop* loop_;
  std::optional<EventLoop::TimerId> calm_;
  std::size_t gone_ = 0;
  std::size_t seen_ = 0;  // of them, when the timer was set
};

}  // namespace tsc
