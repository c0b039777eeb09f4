// SPDX-License-Identifier: Apache-2.0
#include "supervisor/connection.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include "supervisor/create_template.h"

namespace tsc {
namespace {

// A peer that asks without ever reading is dropped, with its containers, before it costs more memory than this.
constexpr std::size_t kMaxQueued = 100'000;
constexpr int kPacketsAtOnce = 32;

std::string Dump(const Json& message) { return message.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string Answer(std::int64_t request, const char* kind, const Json& value) {
  return "{\"id\":" + std::to_string(request) + ",\"" + kind + "\":" + Dump(value) + "}";
}

// The peer does not read, or the kernel has no memory for it at this moment: to drop it would be to kill its containers.
bool IsForLater(const Failure& failure) { return failure.error == EAGAIN || failure.error == ENOMEM || failure.error == ENOBUFS; }

std::string ErrnoName(int error) {
  const char* name = strerrorname_np(error);
  return name ? name : std::to_string(error);
}

}  // namespace

void Connection::Watch(OnPacket on_packet, OnClose on_close) {
  on_packet_ = std::move(on_packet);
  on_close_ = std::move(on_close);
  loop_->Add(socket_.get(), EPOLLIN | EPOLLRDHUP, [this](std::uint32_t events) { Receive(events); });
}

void Connection::Receive(std::uint32_t events) {
  const auto self = shared_from_this();
  if (events & EPOLLOUT) Flush();
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))) return;
  for (int i = 0; i < kPacketsAtOnce && socket_; ++i) {
    Packet packet;
    bool stripped = false;
    switch (ReceivePacket(socket_.get(), &packet, &stripped)) {
      case ReceiveState::kPacket:
        if (stripped)
          Refuse(packet);
        else
          on_packet_(std::move(packet));
        break;
      case ReceiveState::kNothing:
        return;
      case ReceiveState::kClosed:
        Close();
        on_close_();
        return;
    }
  }
}

// There was no room for what came with it: whoever asked is told, and all else goes on.
void Connection::Refuse(const Packet& packet) {
  Reply(shared_from_this(), IntMember(ReadRequest(packet.text).message, "id")).Fail(::tsc::Fail("receive descriptors", EMFILE));
}

void Connection::Send(std::string_view text, const std::vector<int>& descriptors) {
  if (!socket_) return;
  const bool fits = gathered_.size() + 1 + text.size() <= kPacketLimit;
  if (!fits || together_ == 0 || !descriptors.empty()) SendGathered();
  if (text.size() > kPacketLimit || together_ == 0 || !descriptors.empty()) return SendNow(text, descriptors);
  if (!gathered_.empty()) gathered_ += '\n';
  gathered_ += text;
}

void Connection::SendGathered() {
  if (!gathered_.empty()) SendNow(std::exchange(gathered_, {}), {});
}

Connection::Together::Together(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {
  if (connection_) ++connection_->together_;
}

Connection::Together::~Together() {
  if (connection_ && --connection_->together_ == 0) connection_->SendGathered();
}

void Connection::SendNow(std::string_view text, const std::vector<int>& descriptors) {
  if (!socket_) return;
  if (queue_.empty()) {
    const auto sent = SendPacket(socket_.get(), text, descriptors);
    if (sent.ok()) return;
    if (!IsForLater(sent.failure())) return Drop();
    loop_->Modify(socket_.get(), EPOLLIN | EPOLLRDHUP | EPOLLOUT);
  }
  if (queue_.size() >= kMaxQueued) return Drop();
  Outgoing outgoing{std::string(text), {}};
  for (const int fd : descriptors) outgoing.descriptors.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  queue_.push_back(std::move(outgoing));
}

// An answer that cannot be delivered would leave its requester waiting for ever: rather no connection at all.
void Connection::Drop() {
  const auto self = shared_from_this();
  Close();
  loop_->Later([self] { self->on_close_(); });
}

void Connection::Flush() {
  while (!queue_.empty() && socket_) {
    std::vector<int> descriptors;
    for (const auto& fd : queue_.front().descriptors) descriptors.push_back(fd.get());
    const auto sent = SendPacket(socket_.get(), queue_.front().text, descriptors);
    if (!sent.ok() && IsForLater(sent.failure())) return;
    if (!sent.ok()) return Drop();
    queue_.pop_front();
  }
  if (socket_) loop_->Modify(socket_.get(), EPOLLIN | EPOLLRDHUP);
}

void Connection::Close() {
  if (!socket_) return;
  loop_->Remove(socket_.get());
  socket_.reset();
  queue_.clear();
  gathered_.clear();
}

void Reply::Ok(Json result, const std::vector<int>& descriptors) const {
  if (const auto connection = connection_.lock()) connection->Send(Answer(request_, "result", result), descriptors);
}

void Reply::Fail(const Failure& failure) const {
  const auto connection = connection_.lock();
  if (!connection) return;
  connection->Send(
      Dump({{"id", request_}, {"error", {{"step", failure.step}, {"errno", ErrnoName(failure.error)}, {"object", failure.object}}}}));
}

void Reply::Progress(Json progress, const std::vector<int>& descriptors) const {
  if (const auto connection = connection_.lock()) {
    connection->Send(Answer(request_, "progress", progress), descriptors);
  }
}

void Reply::Done(const Status& status) const {
  if (status.ok())
    Ok();
  else
    Fail(status.failure());
}

}  // namespace tsc
