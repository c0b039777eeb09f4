// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <string>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// What a main process reads, where its input was left open: fed by any number of writers, each with a pipe of its own. That a writer goes
// away is not the end of the input; that is what somebody asks for, or the process closes it.
class MainInput {
 public:
  // The sink is the write end of the process's pipe, or the master of its terminal, which has no end: instead its end-of-file character
  // is typed, where the terminal heeds it.
  MainInput(EventLoop* loop, UniqueFd sink, bool terminal);
  ~MainInput() { Close(); }

  // `ends`: with the end of this writer the input ends.
  void Add(std::string writer, UniqueFd pipe, bool ends);
  // What is still in the writer's pipe comes before. Nothing happens for one that is not there any more.
  void EndWith(const std::string& writer);
  void Close();

 private:
  struct Writer {
    std::string name;
    UniqueFd pipe;
    bool ends = false;
    std::string kept;
  };

  void Watch(Writer* writer);
  void OnReadable(Writer* writer);
  void OnSink(std::uint32_t events);
  bool Flush(Writer* writer);  // false: the sink takes no more now
  void Drop(Writer* writer);
  void EndOfFile();

  EventLoop* loop_;
  UniqueFd sink_;
  bool terminal_;
  bool waiting_ = false;  // for the sink
  char last_ = '\n';
  std::list<Writer> writers_;
};

}  // namespace tsc
