// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

struct LogOptions {
  bool enabled = true;
  std::uint64_t max_bytes = 64 << 20;  // of one file, then it is rotated
  unsigned max_files = 2;
};

// Reads a container's stdout and stderr and keeps them as one JSON object a line, in order of arrival:
//     {"t":"<ns since 1970>","s":"o"|"e","l":"text","p":true}
// "p" marks a part of a line longer than 16 KiB; a line that is no UTF-8 has "b" (base64) in place of "l".
class LogPump {
 public:
  LogPump(EventLoop* loop, int directory, const LogOptions& options) : loop_(loop), directory_(directory), options_(options) {}
  ~LogPump() { Close(); }

  void Add(UniqueFd pipe, char stream);
  // Takes what is in the pipes now, ends unfinished lines, closes. For when every writer is dead.
  void Finish();
  void Close();

 private:
  struct Source {
    UniqueFd fd;
    char stream = 'o';
    std::string line;
  };

  bool ReadSome(Source* source);  // false: nothing there now, or the end
  void Take(Source* source, std::string_view data);
  void Write(const Source& source, std::string_view line, bool partial);
  void Append(const std::string& entry);
  void Rotate();

  EventLoop* loop_;
  int directory_;  // borrowed
  LogOptions options_;
  std::array<Source, 2> sources_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
  std::string buffer_;
};

}  // namespace tsc
