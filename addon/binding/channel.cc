// SPDX-License-Identifier: Apache-2.0
#include "binding/channel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <utility>

#include "binding/script_descriptors.h"

namespace tsc::binding {
namespace {

// Packets read for one wake-up; the rest waits for the next turn of the loop, so that a chatty peer starves nobody.
constexpr int kBatch = 64;

bool DescriptorsOf(const Napi::Value& value, std::vector<int>* fds) {
  if (value.IsUndefined()) return true;
  if (!value.IsArray()) return false;
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsNumber()) return false;
    fds->push_back(item.As<Napi::Number>().Int32Value());
  }
  return true;
}

Result<Packet> CopyOf(std::string text, const std::vector<int>& fds) {
  Packet packet{std::move(text), {}};
  for (const int fd : fds) {
    packet.fds.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!packet.fds.back()) return Errno("duplicate descriptor", std::to_string(fd));
  }
  return packet;
}

std::vector<int> Borrow(const std::vector<UniqueFd>& fds) {
  std::vector<int> numbers;
  numbers.reserve(fds.size());
  for (const UniqueFd& fd : fds) numbers.push_back(fd.get());
  return numbers;
}

}  // namespace

Napi::Function Channel::Define(Napi::Env env) {
  return DefineClass(env, "Channel",
                     {InstanceMethod<&Channel::Send>("send"), InstanceMethod<&Channel::SetReferenced>("setReferenced"),
                      InstanceMethod<&Channel::Close>("close")});
}

Channel::Channel(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Channel>(info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsFunction() || !info[2].IsFunction()) {
    Throw(env, Fail("open channel", EINVAL));
    return;
  }
  auto socket = PacketSocket::Connect(info[0].As<Napi::String>().Utf8Value());
  if (!socket) {
    Throw(env, socket.failure());
    return;
  }
  const auto on_ready = [this](int status, int events) { OnReady(status, events); };
  const auto on_teardown = [this] {
    poll_ = nullptr;
    Release();
  };
  poll_ = PollHandle::Open(env, socket->fd(), on_ready, on_teardown);
  if (poll_ == nullptr) return;
  socket_.emplace(std::move(*socket));
  context_.emplace(env, "tscontainer.Channel");
  on_packet_ = Napi::Persistent(info[1].As<Napi::Function>());
  on_close_ = Napi::Persistent(info[2].As<Napi::Function>());
  Ref();
  Watch();
}

Channel::~Channel() {
  if (poll_ != nullptr) poll_->Close();
}

Napi::Value Channel::Send(const Napi::CallbackInfo& info) {
  std::vector<int> fds;
  if (!info[0].IsString() || !DescriptorsOf(info[1], &fds)) return Throw(info.Env(), Fail("send to supervisor", EINVAL));
  if (poll_ == nullptr) return Throw(info.Env(), Fail("send to supervisor", EPIPE));
  std::string text = info[0].As<Napi::String>().Utf8Value();
  if (queue_.empty()) {
    const auto sent = socket_->Send(text, fds);
    if (!sent) return Throw(info.Env(), sent.failure());
    if (*sent) return info.Env().Undefined();
  }
  auto copy = CopyOf(std::move(text), fds);
  if (!copy) return Throw(info.Env(), copy.failure());
  queue_.push_back(std::move(*copy));
  Watch();
  return info.Env().Undefined();
}

Napi::Value Channel::SetReferenced(const Napi::CallbackInfo& info) {
  if (poll_ != nullptr) poll_->SetReferenced(FlagOf(info[0]));
  return info.Env().Undefined();
}

Napi::Value Channel::Close(const Napi::CallbackInfo& info) {
  Release();
  return info.Env().Undefined();
}

void Channel::OnReady(int status, int events) {
  // A callback may close the channel, and collect what then nobody holds: this object has to outlive its own frame.
  const Napi::HandleScope scope(Env());
  [[maybe_unused]] const Napi::Object self = Value();
  if (status >= 0 && (events & UV_WRITABLE) != 0 && !Flush()) return;
  if (status < 0 || (events & UV_READABLE) != 0) ReadSome();
  // A pending socket error stops libuv's poll; it is taken now, and what comes next may still be read.
  if (status < 0 && poll_ != nullptr) Watch();
}

void Channel::Watch() { poll_->Watch(queue_.empty() ? UV_READABLE : UV_READABLE | UV_WRITABLE); }

bool Channel::Flush() {
  while (!queue_.empty()) {
    const auto sent = socket_->Send(queue_.front().text, Borrow(queue_.front().fds));
    // A peer that hung up may have left its last packets here: what reads them finds the end too.
    if (!sent && (sent.failure().error == EPIPE || sent.failure().error == ECONNRESET)) {
      queue_.clear();
      break;
    }
    if (!sent) {
      Lose(sent.failure().error);
      return false;
    }
    if (!*sent) return true;
    queue_.pop_front();
  }
  Watch();
  return true;
}

void Channel::ReadSome() {
  for (int i = 0; i < kBatch && poll_ != nullptr; i++) {
    std::string_view text;
    std::vector<UniqueFd> fds;
    const auto received = socket_->Receive(&text, &fds);
    // The peer ended before it had read all of ours. What it had sent until then is still to be had, then its end.
    if (!received && received.failure().error == ECONNRESET) continue;
    if (!received) {
      fds.clear();
      return Lose(received.failure().error);
    }
    if (*received == Received::kNothing) return;
    if (*received == Received::kEnd) return Lose(0);
    if (!fds.empty()) {
      Deliver(text, std::move(fds));
      continue;
    }
    // Lines are messages that were sent together. Who hears one may close the channel, and with it goes the text.
    for (bool more = true; more && poll_ != nullptr;) {
      const auto end = text.find('\n');
      more = end != std::string_view::npos;
      Deliver(text.substr(0, end), {});
      if (more) text.remove_prefix(end + 1);
    }
  }
}

void Channel::Deliver(std::string_view text, std::vector<UniqueFd> fds) {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  napi_value string = nullptr;
  if (napi_create_string_utf8(env, text.data(), text.size(), &string) != napi_ok) return;
  napi_value list = env.Undefined();
  if (!fds.empty()) {
    const auto array = Napi::Array::New(env, fds.size());
    for (std::uint32_t i = 0; i < fds.size(); i++) array.Set(i, GiveToScript(env, std::move(fds[i])));
    list = array;
  }
  Call(on_packet_, {string, list});
}

// The end that the other side made; the callback runs once, and never after `close`.
void Channel::Lose(int error) {
  if (poll_ == nullptr) return;
  Napi::FunctionReference on_close = std::move(on_close_);
  Release();
  Call(on_close, {Napi::Number::New(Env(), error)});
}

void Channel::Release() {
  if (poll_ != nullptr) std::exchange(poll_, nullptr)->Close();
  if (!socket_) return;
  socket_.reset();
  queue_.clear();
  // The callbacks hold what holds this object: kept, they would keep each other alive for ever.
  on_packet_.Reset();
  on_close_.Reset();
  Unref();
}

void Channel::Call(const Napi::FunctionReference& callback, std::initializer_list<napi_value> args) {
  const Napi::Env env = Env();
  const Napi::CallbackScope scope(env, *context_);
  callback.Value().Call(args);
  if (!env.IsExceptionPending()) return;
  napi_value error = nullptr;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

}  // namespace tsc::binding
