// SPDX-License-Identifier: Apache-2.0
#include "command/log.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "command/sentence.h"
#include "core/json_reader.h"
#include "core/paths.h"

namespace tsc {

std::string Timestamp() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  char date[32], text[64];
  ::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  ::snprintf(text, sizeof text, "%s.%09ldZ", date, now.tv_nsec);
  return text;
}

Status Log::Open(const std::string& path, const std::string& format) {
  if (format != "text" && format != "json") return Refuse("unknown log-format \"" + format + "\"");
  json_ = format == "json";
  if (path.empty()) return {};
  file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644));
  if (!file_) return Errno("open log", path);
  return {};
}

void Log::Error(const std::string& sentence) const {
  Write("error", sentence);
  if (file_) (void)WriteAll(STDERR_FILENO, sentence + "\n", "stderr");
}

void Log::Warn(const std::string& sentence) const { Write("warning", sentence); }

void Log::Write(const char* level, const std::string& sentence) const {
  const auto quoted = Json(sentence).dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto line = json_ ? R"({"level":")" + std::string(level) + R"(","msg":)" + quoted + R"(,"time":")" + Timestamp() + "\"}\n"
                          : "time=\"" + Timestamp() + "\" level=" + level + " msg=" + quoted + "\n";
  (void)WriteAll(file_ ? file_.get() : STDERR_FILENO, line, "log");
}

}  // namespace tsc
