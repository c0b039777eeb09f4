// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "binding/environment.h"

namespace tsc::binding {

// A descriptor watched on the loop of one environment. Lives on the heap until libuv has let go of it: `Close` starts that, and the
// end of the environment (of a worker thread too) does it for those that are still open. Starts unreferenced.
class PollHandle {
 public:
  using OnReady = std::function<void(int status, int events)>;
  using OnTeardown = std::function<void()>;

  // Null, with an exception pending, where the loop refuses the descriptor. `on_teardown` runs when the environment ends first;
  // no JavaScript can run there.
  static PollHandle* Open(Napi::Env env, int fd, OnReady on_ready, OnTeardown on_teardown);

  int Watch(int events);
  void SetReferenced(bool referenced);
  // The descriptor may be closed right after. Neither callback runs any more.
  void Close();

 private:
  PollHandle() = default;

  uv_poll_t poll_{};
  napi_async_cleanup_hook_handle hook_ = nullptr;
  OnReady on_ready_;
  OnTeardown on_teardown_;
};

}  // namespace tsc::binding
