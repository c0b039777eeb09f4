// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log_pump.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <time.h>

#include "core/base64.h"
#include "core/json_reader.h"

namespace tsc {
namespace {

constexpr std::size_t kLongestLine = std::size_t{16} * 1024;
constexpr int kReadsAtOnce = 8;
constexpr int kLastReads = 256;  // of up to 64 KiB, but of a terminal they may be small

std::string Now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::to_string(static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec));
}

// The JSON text of a string, or nothing when it is no UTF-8. Strict decoding is the library's work.
bool Quote(std::string_view text, std::string* quoted) {
  try {
    *quoted = Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace

void LogPump::Add(UniqueFd pipe, char stream) {
  Source& source = sources_[stream == 'o' ? 0 : 1];
  source.fd = std::move(pipe);
  source.stream = stream;
  ::fcntl(source.fd.get(), F_SETFL, O_NONBLOCK);
  if (!held_) Watch(&source);
}

void LogPump::Watch(Source* source) {
  loop_->Add(source->fd.get(), EPOLLIN, [this, source](std::uint32_t) {
    for (int i = 0; i < kReadsAtOnce && !held_ && ReadSome(source); ++i) {
    }
  });
}

void LogPump::Hold(bool held) {
  if (std::exchange(held_, held) == held) return;
  for (auto& source : sources_) {
    if (!source.fd) continue;
    if (held)
      loop_->Remove(source.fd.get());
    else
      Watch(&source);
  }
}

bool LogPump::ReadSome(Source* source) {
  if (!source->fd) return false;
  static char data[65536];
  const ssize_t n = ::read(source->fd.get(), data, sizeof data);
  if (n > 0) {
    Take(source, std::string_view(data, static_cast<std::size_t>(n)));
    return true;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  // The end; for a terminal that is EIO.
  loop_->Remove(source->fd.get());
  source->fd.reset();
  return false;
}

void LogPump::Take(Source* source, std::string_view data) {
  on_data_(source->stream, data);
  if (!on_lines_) return;
  while (!data.empty()) {
    const auto newline = data.find('\n');
    const auto room = kLongestLine - source->line.size();
    const auto take = std::min(newline == std::string_view::npos ? data.size() : newline, room);
    source->line.append(data.substr(0, take));
    data.remove_prefix(take);
    if (!data.empty() && data[0] == '\n') {
      Write(*source, source->line, false);
      data.remove_prefix(1);
    } else if (source->line.size() == kLongestLine) {
      Write(*source, source->line, true);
    } else {
      continue;
    }
    source->line.clear();
  }
  HandOn();
}

void LogPump::Write(const Source& source, std::string_view line, bool partial) {
  std::string quoted;
  const bool text = Quote(line, &quoted);
  lines_ += "{\"t\":\"" + Now() + "\",\"s\":\"" + source.stream + (text ? "\",\"l\":" + quoted : "\",\"b\":\"" + EncodeBase64(line) + "\"");
  lines_ += partial ? ",\"p\":true}\n" : "}\n";
}

void LogPump::HandOn() {
  if (!lines_.empty()) on_lines_(std::exchange(lines_, {}));
}

// Whoever can still write, from outside of the container, may do so for ever: only what a pipe holds is taken.
void LogPump::Finish() {
  for (auto& source : sources_) {
    for (int i = 0; i < kLastReads && ReadSome(&source); ++i) {
    }
    if (source.line.empty()) continue;
    Write(source, std::exchange(source.line, {}), false);
    HandOn();
  }
  Close();
}

void LogPump::Close() {
  for (auto& source : sources_) {
    if (!source.fd) continue;
    loop_->Remove(source.fd.get());
    source.fd.reset();
  }
}

}  // namespace tsc
