// SPDX-License-Identifier: Apache-2.0
#include "supervisor/main_stdio.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>

#include "supervisor/create_request.h"

namespace tsc {
namespace {

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe> NewPipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Errno("pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

UniqueFd Copy(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

}  // namespace

void MainStdio::Begin(UniqueFd directory) {
  pump_ = std::make_unique<LogPump>(
      loop_, [this](char stream, std::string_view data) { Deliver(stream, data); }, Lines(std::move(directory)));
}

MainStdio::~MainStdio() {
  Finish();
  if (log_tap_) log_tap_->End();
}

LogPump::OnLines MainStdio::Lines(UniqueFd directory) {
  if (log_.driver == LogOptions::Driver::kFile) {
    file_ = std::make_unique<LogFile>(std::move(directory), log_.file);
    return [this](const std::string& lines) { file_->Append(lines); };
  }
  if (log_.driver == LogOptions::Driver::kNone) return {};
  if (!log_tap_) {
    log_tap_ = std::make_shared<OutputTap>(loop_, std::move(log_.pipe), OutputTap::WhenSlow::kHoldBack);
    log_tap_->Open([this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) HoldBack();
    });
  }
  return [this](const std::string& lines) {
    log_tap_->Write(lines);
    HoldBack();
  };
}

Result<UniqueFd> MainStdio::MakeOutput(char stream) {
  auto pipe = TSC_TRY(NewPipe());
  pump_->Add(std::move(pipe.read_end), stream);
  return std::move(pipe.write_end);
}

Result<UniqueFd> MainStdio::MakeInput() {
  auto pipe = TSC_TRY(NewPipe());
  input_.emplace(loop_, std::move(pipe.write_end), false);
  return std::move(pipe.read_end);
}

void MainStdio::TakeTerminal(UniqueFd master, bool input) {
  if (!pump_) return;
  terminal_ = Copy(master);
  if (input || typed_) input_.emplace(loop_, Copy(master), true);
  if (typed_) input_->Add("", std::move(typed_), true);
  pump_->Add(std::move(master), 'o');
}

void MainStdio::Type(UniqueFd pipe) { typed_ = std::move(pipe); }

void MainStdio::Finish() {
  input_.reset();
  terminal_.reset();
  typed_.reset();
  if (pump_) pump_->Finish();
  pump_.reset();
  file_.reset();
  for (const auto& attachment : std::exchange(attachments_, {})) attachment->End();
}

void MainStdio::Attach(const Json& message, std::vector<UniqueFd>* descriptors, Reply reply) {
  if (!pump_) return reply.Fail(Fail("attach", EBUSY, "stopped"));
  auto in = TakeDescriptor(message, "stdin", descriptors);
  auto out = TakeDescriptor(message, "stdout", descriptors);
  auto err = TakeDescriptor(message, "stderr", descriptors);
  for (const auto* taken : {&in, &out, &err})
    if (!taken->ok()) return reply.Fail(taken->failure());
  const auto id = StringMember(message, "attachment");
  if (*in && !input_) return reply.Fail(Fail("attach input", ENOTCONN, id));
  const auto when_slow = BoolMember(message, "holdBack") ? OutputTap::WhenSlow::kHoldBack : OutputTap::WhenSlow::kSkip;
  const auto attachment = std::make_shared<Attachment>(id, std::move(reply));
  attachments_.push_back(attachment);
  attachment->Open(loop_, std::move(*out), std::move(*err), when_slow, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) HoldBack();
  });
  if (input_) input_->Add(id, std::move(*in), false);
}

void MainStdio::EndInput(const std::string& attachment) {
  if (input_) input_->EndWith(attachment);
}

Status MainStdio::Resize(const Json& size) {
  if (!terminal_) return Fail("resize terminal", ENOTTY);
  winsize window{};
  window.ws_col = static_cast<unsigned short>(IntMember(size, "columns", 80));
  window.ws_row = static_cast<unsigned short>(IntMember(size, "rows", 24));
  if (::ioctl(terminal_.get(), TIOCSWINSZ, &window) != 0) return Errno("resize terminal");
  return {};
}

bool MainStdio::Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request) {
  const auto it = std::find_if(attachments_.begin(), attachments_.end(), [&](const auto& attachment) {
    return attachment->request() == request && attachment->connection() == connection;
  });
  if (it == attachments_.end()) return false;
  const auto attachment = *it;
  attachments_.erase(it);
  attachment->Cancel();
  HoldBack();
  return true;
}

void MainStdio::Abandon(const std::shared_ptr<Connection>& connection) {
  std::erase_if(attachments_, [&](const auto& attachment) { return attachment->connection() == connection; });
  HoldBack();
}

void MainStdio::Deliver(char stream, std::string_view data) {
  for (const auto& attachment : attachments_) attachment->Write(stream, data);
  HoldBack();
}

void MainStdio::HoldBack() {
  if (!pump_) return;
  const bool full = std::any_of(attachments_.begin(), attachments_.end(), [](const auto& attachment) { return attachment->full(); });
  pump_->Hold(full || (log_tap_ && log_tap_->full()));
}

}  // namespace tsc
