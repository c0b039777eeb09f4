// SPDX-License-Identifier: Apache-2.0
// How the sanitizers behave in the supervisor, which gets no environment of its caller's. Leaks cannot be looked for: that takes ptrace,
// and the supervisor is not dumpable. A process that was found out ends with a status of its own.
extern "C" {

const char* __asan_default_options() { return "detect_leaks=0:exitcode=97:log_path=" TSC_REPORTS; }
const char* __ubsan_default_options() { return "print_stacktrace=1:exitcode=97:log_path=" TSC_REPORTS; }

}  // extern "C"
