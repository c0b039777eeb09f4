// SPDX-License-Identifier: Apache-2.0
#include "supervisor/main_input.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <termios.h>

#include <cerrno>

namespace tsc {

MainInput::MainInput(EventLoop* loop, UniqueFd sink, bool terminal) : loop_(loop), sink_(std::move(sink)), terminal_(terminal) {
  ::fcntl(sink_.get(), F_SETFL, O_NONBLOCK);
  loop_->Add(sink_.get(), 0, [this](std::uint32_t events) { OnSink(events); });
}

void MainInput::Add(std::string writer, UniqueFd pipe, bool ends) {
  if (!sink_ || !pipe) return;  // closed at once: the writer hears of it
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  Writer& added = writers_.emplace_back(Writer{std::move(writer), std::move(pipe), ends, {}});
  if (!waiting_) Watch(&added);
}

void MainInput::Watch(Writer* writer) {
  loop_->Add(writer->pipe.get(), EPOLLIN, [this, writer](std::uint32_t) { OnReadable(writer); });
}

void MainInput::EndWith(const std::string& writer) {
  for (auto& known : writers_)
    if (known.name == writer) known.ends = true;
}

void MainInput::Close() {
  for (auto& writer : writers_)
    if (writer.pipe) loop_->Remove(writer.pipe.get());
  writers_.clear();
  if (!sink_) return;
  loop_->Remove(sink_.get());
  sink_.reset();
}

// As much at a time as a pipe takes as a whole: what one writer wrote in one piece is not torn apart by another's.
void MainInput::OnReadable(Writer* writer) {
  char data[4096];
  const ssize_t n = ::read(writer->pipe.get(), data, sizeof data);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    const bool ends = writer->ends;
    Drop(writer);
    if (ends) EndOfFile();
    return;
  }
  writer->kept.assign(data, static_cast<std::size_t>(n));
  last_ = data[n - 1];
  Flush(writer);
}

bool MainInput::Flush(Writer* writer) {
  while (!writer->kept.empty()) {
    const ssize_t n = ::write(sink_.get(), writer->kept.data(), writer->kept.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      waiting_ = true;
      loop_->Modify(sink_.get(), EPOLLOUT);
      // A pipe that is watched for nothing would still say again and again that its other end is closed.
      for (auto& other : writers_) loop_->Remove(other.pipe.get());
      return false;
    }
    if (n < 0) {
      Close();
      return false;
    }
    writer->kept.erase(0, static_cast<std::size_t>(n));
  }
  return true;
}

void MainInput::OnSink(std::uint32_t events) {
  // The process has closed its input, or is gone.
  if (events & (EPOLLERR | EPOLLHUP)) return Close();
  if (!waiting_) return;
  waiting_ = false;
  loop_->Modify(sink_.get(), 0);
  for (auto& writer : writers_) Watch(&writer);
  for (auto& writer : writers_)
    if (!writer.kept.empty() && !Flush(&writer)) return;
}

void MainInput::Drop(Writer* writer) {
  loop_->Remove(writer->pipe.get());
  writers_.remove_if([writer](const Writer& other) { return &other == writer; });
}

void MainInput::EndOfFile() {
  if (!terminal_) return Close();
  termios settings{};
  if (::tcgetattr(sink_.get(), &settings) != 0 || !(settings.c_lflag & ICANON)) return;
  // In the middle of a line the first one only hands over what was typed.
  const char end = static_cast<char>(settings.c_cc[VEOF]);
  const char twice[] = {end, end};
  (void)!::write(sink_.get(), twice, last_ == '\n' ? 1 : 2);
  last_ = '\n';
}

}  // namespace tsc
