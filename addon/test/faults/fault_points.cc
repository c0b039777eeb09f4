// SPDX-License-Identifier: Apache-2.0
//
// Stands between the supervisor and the C library (ld --wrap, cmake/faults.cmake): counts calls, and at the one that was asked for fails,
// dies or stands still. No other line of the program is different from what is delivered.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>

#include "test/faults/fault_calls.h"
#include "test/faults/fault_control.h"

extern "C" {
long __real_syscall(long, long, long, long, long, long);
long __real_open(long, long, long, long, long, long);
extern const char __executable_start, __etext;
}

namespace tsc::faults {
namespace {

constexpr timespec kMoment{0, 200'000};

Control* control = nullptr;
std::int64_t life = 0;  // of the supervisor that this process is, or comes from

void OnCrash(int number) {
  if (control) control->crashed = number;
  ::signal(number, SIG_DFL);
}

// The run directory is the one thing that every life of a supervisor is told: it gets no environment of its caller's.
__attribute__((constructor)) void Begin(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--run-root") != 0) continue;
    const std::string path = std::string(argv[i + 1]) + "/faults";
    const int fd = static_cast<int>(__real_open(reinterpret_cast<long>(path.c_str()), O_RDWR | O_CLOEXEC, 0, 0, 0, 0));
    if (fd < 0) return;
    void* memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory == MAP_FAILED) return;
    control = static_cast<Control*>(memory);
    life = control->life;
    for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) ::signal(number, OnCrash);
  }
}

// As sudden where the process may send no signal, or is the first of its namespace and hears none of its own.
[[noreturn]] void Die() {
  __real_syscall(SYS_kill, ::getpid(), SIGKILL, 0, 0, 0);
  for (;;) __real_syscall(SYS_exit_group, 137, 0, 0, 0, 0);
}

void Stand() {
  while (!control->let_go.load(std::memory_order_relaxed))
    __real_syscall(SYS_clock_nanosleep, 0, 0, reinterpret_cast<long>(&kMoment), 0, 0);
}

extern "C" const void* _Unwind_Find_FDE(void* pc, void* bases);

// How long the function is whose unwinding table that is: the fourth word, as the linkers of this platform write it.
std::uint32_t SizeOf(const void* pointer) {
  void* bases[3];
  const void* table = _Unwind_Find_FDE(const_cast<void*>(pointer), bases);
  std::uint32_t words[4] = {};
  if (table) std::memcpy(words, table, sizeof words);
  return words[3];
}

// What leads to a call, as one number: the places of all functions on the stack, each once, so that a recursion is one way however deep.
// A place is told by where it is in its function and how long that is: a change elsewhere in the program leaves it the same.
struct Way {
  std::uint32_t places[64];
  std::size_t count = 0;
  std::uint32_t hash = 2166136261;
};

_Unwind_Reason_Code AddPlace(_Unwind_Context* context, void* argument) {
  auto* way = static_cast<Way*>(argument);
  const auto* pointer = reinterpret_cast<const char*>(_Unwind_GetIP(context));
  if (pointer < &__executable_start || pointer >= &__etext) return _URC_END_OF_STACK;
  const auto place = static_cast<std::uint32_t>(pointer - &__executable_start);
  for (std::size_t i = 0; i < way->count; ++i)
    if (way->places[i] == place) return _URC_NO_REASON;
  if (way->count == std::size(way->places)) return _URC_END_OF_STACK;
  way->places[way->count++] = place;
  const auto start = reinterpret_cast<const char*>(_Unwind_GetRegionStart(context));
  for (const auto word : {static_cast<std::uint32_t>(pointer - start), SizeOf(pointer - 1)}) way->hash = (way->hash ^ word) * 16777619;
  return _URC_NO_REASON;
}

std::uint32_t WayHere() {
  Way way;
  _Unwind_Backtrace(AddPlace, &way);
  return way.hash == 0 ? 1 : way.hash;
}

bool Strike(const char* name, const void* caller) {
  if (!control->hit.exchange(1)) {
    std::strncpy(control->hit_name, name, sizeof control->hit_name - 1);
    control->hit_site = static_cast<const char*>(caller) - &__executable_start;
    control->hit_process = ::getpid();
  }
  if (control->action == kDie) Die();
  if (control->action == kHold) Stand();
  if (control->action != kFail) return false;
  errno = static_cast<int>(control->error);
  return true;
}

// Whether it is this call's turn.
bool Comes() {
  if (control->lasting && control->hit) return true;
  const std::uint32_t way = WayHere();
  const std::int64_t number = ++control->counted;
  if (static_cast<std::size_t>(number) <= kWays) control->ways[number - 1] = way;
  const bool comes = control->way == 0 ? number == control->wanted : way == control->way && ++control->come == control->wanted;
  if (!comes) return false;
  control->hit_number = number;
  control->hit_way = way;
  return true;
}

bool Counts(const char* name, unsigned kinds) {
  if (!control || !control->armed.load(std::memory_order_acquire) || !(kinds & static_cast<unsigned>(control->kinds))) return false;
  if (control->only[0] != 0 && std::strncmp(control->only, name, sizeof control->only) != 0) return false;
  return life == control->life;
}

// What may go wrong in a call depends on what it is asked for: the kernel needs no memory to end or to change a watch.
constexpr unsigned KindsOf(std::string_view name, unsigned kinds, long second) {
  return name == "epoll_ctl" && second != EPOLL_CTL_ADD ? kinds & ~kMemory : kinds;
}

// Whether the call is to fail.
bool Fails(const char* name, unsigned kinds, const void* caller) { return Counts(name, kinds) && Comes() && Strike(name, caller); }

}  // namespace
}  // namespace tsc::faults

// Arguments and results of all of these are words in registers, whatever their types.
#define TSC_WRAP(name, kinds, failure)                                                                     \
  extern "C" long __real_##name(long, long, long, long, long, long);                                       \
  extern "C" long __wrap_##name(long a, long b, long c, long d, long e, long f) {                          \
    using namespace tsc::faults;                                                                           \
    const unsigned known = KindsOf(#name, kinds, b);                                                       \
    return Fails(#name, known, __builtin_return_address(0)) ? (failure) : __real_##name(a, b, c, d, e, f); \
  }
#define TSC_WRAP_NUMBER(name, kinds) TSC_WRAP(name, kinds, -1)
#define TSC_WRAP_POINTER(name, kinds) TSC_WRAP(name, kinds, 0)

TSC_FAULT_CALLS(TSC_WRAP_NUMBER)
TSC_FAULT_POINTERS(TSC_WRAP_POINTER)

extern "C" long __wrap_syscall(long number, long a, long b, long c, long d, long e) {
  using namespace tsc::faults;
  for (const auto& call : kNumbered)
    if (call.number == number && Fails(call.name, call.kinds, __builtin_return_address(0))) return -1;
  return __real_syscall(number, a, b, c, d, e);
}
