// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log_pump.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>

#include "core/json_reader.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kLongestLine = 16 * 1024;
constexpr int kReadsAtOnce = 8;
constexpr const char* kName = "log.jsonl";

std::string Now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::to_string(static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec));
}

std::string Base64(std::string_view data) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto byte = [&](std::size_t n) { return i + n < data.size() ? static_cast<unsigned char>(data[i + n]) : 0u; };
    const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += kDigits[bits >> 18 & 63];
    text += kDigits[bits >> 12 & 63];
    text += i + 1 < data.size() ? kDigits[bits >> 6 & 63] : '=';
    text += i + 2 < data.size() ? kDigits[bits & 63] : '=';
  }
  return text;
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
  loop_->Add(source.fd.get(), EPOLLIN, [this, &source](std::uint32_t) {
    for (int i = 0; i < kReadsAtOnce && ReadSome(&source); ++i) {
    }
  });
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
  if (!buffer_.empty()) Append(std::exchange(buffer_, {}));
}

void LogPump::Write(const Source& source, std::string_view line, bool partial) {
  std::string quoted;
  const bool text = Quote(line, &quoted);
  buffer_ += "{\"t\":\"" + Now() + "\",\"s\":\"" + source.stream + (text ? "\",\"l\":" + quoted : "\",\"b\":\"" + Base64(line) + "\"");
  buffer_ += partial ? ",\"p\":true}\n" : "}\n";
}

void LogPump::Append(const std::string& entry) {
  if (!options_.enabled) return;
  if (!file_) {
    file_.reset(::openat(directory_, kName, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    struct stat info {};
    size_ = file_ && ::fstat(file_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  if (!file_) return;
  // A full disk loses log lines, not the container.
  if (WriteAll(file_.get(), entry, kName).ok()) size_ += entry.size();
  if (size_ >= options_.max_bytes) Rotate();
}

void LogPump::Rotate() {
  const auto name = [](unsigned number) { return number == 0 ? std::string(kName) : std::string(kName) + "." + std::to_string(number); };
  for (unsigned number = options_.max_files; number-- > 1;) {
    ::renameat(directory_, name(number - 1).c_str(), directory_, name(number).c_str());
  }
  if (options_.max_files <= 1) ::unlinkat(directory_, kName, 0);
  file_.reset();
}

void LogPump::Finish() {
  for (auto& source : sources_) {
    while (ReadSome(&source)) {
    }
    if (source.line.empty()) continue;
    Write(source, source.line, false);
    source.line.clear();
    Append(std::exchange(buffer_, {}));
  }
  Close();
}

void LogPump::Close() {
  for (auto& source : sources_) {
    if (!source.fd) continue;
    loop_->Remove(source.fd.get());
    source.fd.reset();
  }
  file_.reset();
}

}  // namespace tsc
