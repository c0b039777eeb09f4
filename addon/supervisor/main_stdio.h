// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/attachment.h"
#include "supervisor/log_file.h"
#include "supervisor/log_pump.h"
#include "supervisor/main_input.h"
#include "supervisor/output_tap.h"

namespace tsc {

struct LogOptions {
  enum class Driver { kFile, kNone, kPipe };
  Driver driver = Driver::kFile;
  LogFileOptions file;
  UniqueFd pipe;  // kPipe: where the lines go. The container waits for its reader.
};

// The standard streams of a container's main process, through all its starts: its log, its input where that was left open, and whoever is
// attached. Nobody who reads can hold up the supervisor.
class MainStdio {
 public:
  MainStdio(EventLoop* loop, LogOptions log) : loop_(loop), log_(std::move(log)) {}
  ~MainStdio();

  // A start begins. `directory` is where log files are.
  void Begin(UniqueFd directory);
  Result<UniqueFd> MakeOutput(char stream);
  Result<UniqueFd> MakeInput();
  // `input`: it stays open, or something is to be typed, see Type.
  void TakeTerminal(UniqueFd master, bool input);
  // What a terminal's process is to read first.
  void Type(UniqueFd pipe);
  // The process has ended: what it wrote last is delivered.
  void Finish();

  // Between Begin and Finish; else EBUSY. The answer comes with the end of the process.
  void Attach(const Json& message, std::vector<UniqueFd>* descriptors, Reply reply);
  // The input ends when what this attachment has written is read.
  void EndInput(const std::string& attachment);
  Status Resize(const Json& size);
  // False: that request is not one of these.
  bool Cancel(const std::shared_ptr<Connection>& connection, std::int64_t request);
  bool attached() const { return !attachments_.empty(); }
  // Bytes of the log that go to a pipe, of all starts; whoever reads it may not have all of them yet.
  std::uint64_t piped_log() const { return log_tap_ ? log_tap_->taken() : 0; }
  // That connection is gone.
  void Abandon(const std::shared_ptr<Connection>& connection);

 private:
  LogPump::OnLines Lines(UniqueFd directory);
  void Deliver(char stream, std::string_view data);
  void HoldBack();

  EventLoop* loop_;
  LogOptions log_;
  std::unique_ptr<LogFile> file_;
  std::shared_ptr<OutputTap> log_tap_;
  std::unique_ptr<LogPump> pump_;
  std::optional<MainInput> input_;
  UniqueFd terminal_, typed_;
  std::vector<std::shared_ptr<Attachment>> attachments_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tsc
