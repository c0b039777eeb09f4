// SPDX-License-Identifier: Apache-2.0
#include "supervisor/probe_attempt.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "core/paths.h"
#include "core/unique_fd.h"

namespace tsc {

Json AttemptJson(const Status& status) {
  if (status.ok()) return {{"ok", true}, {"errno", Json()}, {"step", ""}};
  const auto& failure = status.failure();
  const char* name = strerrorname_np(failure.error);
  const std::string step = failure.object.empty() ? failure.step : failure.step + " " + failure.object;
  return {{"ok", false}, {"errno", name ? name : "EIO"}, {"step", step}};
}

Json InChild(const std::function<Json()>& body) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return nullptr;
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return nullptr;
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)WriteAll(write_end.get(), body().dump(-1, ' ', false, Json::error_handler_t::replace), "probe").ok();
    ::_exit(0);
  }
  write_end.reset();
  const auto text = ReadFd(read_end.get(), 1 << 20, "probe");
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  Json result = text.ok() ? Json::parse(*text, nullptr, false) : Json();
  return result.is_discarded() ? Json() : result;
}

Json Attempt(const std::function<Status()>& attempt) {
  Json result = InChild([&] { return AttemptJson(attempt()); });
  return result.is_object() ? result : AttemptJson(Fail("probe", EINTR));
}

}  // namespace tsc
