// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// Reads a container's stdout and stderr, in order of arrival, and makes of them one JSON object a line:
//     {"t":"<ns since 1970>","s":"o"|"e","l":"text","p":true}
// "p" marks a part of a line longer than 16 KiB; a line that is no UTF-8 has "b" (base64) in place of "l".
class LogPump {
 public:
  // `on_data` gets everything as it was written, `on_lines` whole lines of JSON; an empty one makes none.
  using OnData = std::function<void(char stream, std::string_view data)>;
  using OnLines = std::function<void(const std::string& lines)>;
  LogPump(EventLoop* loop, OnData on_data, OnLines on_lines) : loop_(loop), on_data_(std::move(on_data)), on_lines_(std::move(on_lines)) {}
  ~LogPump() { Close(); }

  void Add(UniqueFd pipe, char stream);
  // Nothing is read while somebody cannot take it: then the container waits when its pipes are full.
  void Hold(bool held);
  // Takes what is in the pipes now, ends unfinished lines, closes. For when every writer is dead.
  void Finish();
  void Close();

 private:
  struct Source {
    UniqueFd fd;
    char stream = 'o';
    std::string line;
  };

  void Watch(Source* source);
  bool ReadSome(Source* source);  // false: nothing there now, or the end
  void Take(Source* source, std::string_view data);
  void Write(const Source& source, std::string_view line, bool partial);
  void HandOn();

  EventLoop* loop_;
  OnData on_data_;
  OnLines on_lines_;
  std::array<Source, 2> sources_;
  std::string lines_;
  bool held_ = false;
};

}  // namespace tsc
