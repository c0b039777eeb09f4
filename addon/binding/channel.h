// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "binding/environment.h"
#include "binding/packet_socket.h"
#include "binding/poll_handle.h"

namespace tsc::binding {

// JavaScript: new Channel(path, onPacket(text, fds | undefined), onClose(errno | 0)). Packets are delivered on the loop's thread,
// straight from its poll. The object keeps itself alive while it is connected, and the loop only while it is referenced.
class Channel : public Napi::ObjectWrap<Channel> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit Channel(const Napi::CallbackInfo& info);
  ~Channel() override;

 private:
  Napi::Value Send(const Napi::CallbackInfo& info);
  Napi::Value SetReferenced(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void OnReady(int status, int events);
  void Watch();
  void ReadSome();
  // False when the connection is no longer usable.
  bool Flush();
  void Deliver(std::string_view text, std::vector<UniqueFd> fds);
  void Lose(int error);
  void Release();
  void Call(const Napi::FunctionReference& callback, std::initializer_list<napi_value> args);

  std::optional<PacketSocket> socket_;
  PollHandle* poll_ = nullptr;
  std::deque<Packet> queue_;
  std::optional<Napi::AsyncContext> context_;
  Napi::FunctionReference on_packet_;
  Napi::FunctionReference on_close_;
};

}  // namespace tsc::binding
