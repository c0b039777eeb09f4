// SPDX-License-Identifier: Apache-2.0
#include "binding/poll_handle.h"

#include <utility>

namespace tsc::binding {
namespace {

uv_handle_t* AsHandle(uv_poll_t* poll) { return reinterpret_cast<uv_handle_t*>(poll); }

}  // namespace

PollHandle* PollHandle::Open(Napi::Env env, int fd, OnReady on_ready, OnTeardown on_teardown) {
  uv_loop_t* loop = LoopOf(env);
  auto* self = new PollHandle();
  self->poll_.data = self;
  const int error = loop == nullptr ? UV_ENOSYS : uv_poll_init(loop, &self->poll_, fd);
  if (error != 0) {
    delete self;
    Throw(env, Fail("watch descriptor", -error));
    return nullptr;
  }
  uv_unref(AsHandle(&self->poll_));
  self->on_ready_ = std::move(on_ready);
  self->on_teardown_ = std::move(on_teardown);
  const auto teardown = [](napi_async_cleanup_hook_handle, void* data) {
    auto* handle = static_cast<PollHandle*>(data);
    const OnTeardown last = std::exchange(handle->on_teardown_, nullptr);
    handle->Close();
    if (last) last();
  };
  napi_add_async_cleanup_hook(env, teardown, self, &self->hook_);
  return self;
}

int PollHandle::Watch(int events) {
  return uv_poll_start(&poll_, events, [](uv_poll_t* poll, int status, int ready) {
    auto* self = static_cast<PollHandle*>(poll->data);
    if (self->on_ready_) self->on_ready_(status, ready);
  });
}

void PollHandle::SetReferenced(bool referenced) {
  if (referenced) {
    uv_ref(AsHandle(&poll_));
  } else {
    uv_unref(AsHandle(&poll_));
  }
}

void PollHandle::Close() {
  if (uv_is_closing(AsHandle(&poll_))) return;
  on_teardown_ = nullptr;
  uv_poll_stop(&poll_);
  uv_close(AsHandle(&poll_), [](uv_handle_t* handle) {
    auto* self = static_cast<PollHandle*>(handle->data);
    napi_remove_async_cleanup_hook(self->hook_);
    delete self;
  });
}

}  // namespace tsc::binding
