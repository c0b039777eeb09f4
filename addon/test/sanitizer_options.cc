// SPDX-License-Identifier: Apache-2.0
// How the sanitizers behave in the supervisor, which gets no environment of its caller's. A process that was found out ends with a status
// of its own. Leaks are looked for once, when the supervisor leaves in order: that takes ptrace, and until then it is not dumpable.
#include <sanitizer/lsan_interface.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

const pid_t kStarted = ::getpid();

}  // namespace

extern "C" {

const char* __asan_default_options() { return "detect_leaks=1:exitcode=97:log_path=" TSC_REPORTS; }
const char* __ubsan_default_options() { return "print_stacktrace=1:exitcode=97:log_path=" TSC_REPORTS; }

[[noreturn]] void __real__exit(int status);

// By the linker's --wrap: the supervisor frees nothing at its end, so what nobody knows any more was lost before. Its forks leave as they
// are.
[[noreturn]] void __wrap__exit(int status) {
  if (status == 0 && ::getpid() == kStarted) {
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    __lsan_do_leak_check();
  }
  __real__exit(status);
}

}  // extern "C"
