// SPDX-License-Identifier: Apache-2.0
#include "binding/descriptors.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "binding/script_descriptors.h"

namespace tsc::binding {
namespace {

int NumberAt(const Napi::CallbackInfo& info, std::size_t index) { return NumberOf(info[index], -1); }

// pipe(): [read end, write end], both blocking: either may become a program's standard stream, and libuv makes its own end non-blocking.
Napi::Value Pipe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Throw(env, Errno("create pipe"));
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const auto pair = Napi::Array::New(env, 2);
  pair.Set(0u, GiveToScript(env, std::move(reader)));
  pair.Set(1u, GiveToScript(env, std::move(writer)));
  return pair;
}

// growPipe(fd, sizeBytes): false where the user's share of pipe memory (pipe-user-pages-soft) is used up, and the size stays.
Napi::Value GrowPipe(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ::fcntl(NumberAt(info, 0), F_SETPIPE_SZ, NumberAt(info, 1)) >= 0);
}

// openDirectory(path): a descriptor for /proc/self/fd/N/… and openat(2).
Napi::Value OpenDirectory(const Napi::CallbackInfo& info) {
  const std::string path = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return Throw(info.Env(), Errno("open directory", path));
  return GiveToScript(info.Env(), std::move(fd));
}

// closeDescriptor(fd): only what this environment owns, so that a number used twice never closes a stranger's descriptor.
Napi::Value CloseDescriptor(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), static_cast<bool>(TakeFromScript(info.Env(), NumberAt(info, 0))));
}

// releaseDescriptor(fd): another owner (a net.Socket) closes it from now on.
Napi::Value ReleaseDescriptor(const Napi::CallbackInfo& info) {
  UniqueFd fd = TakeFromScript(info.Env(), NumberAt(info, 0));
  return Napi::Boolean::New(info.Env(), fd.release() >= 0);
}

// duplicateDescriptor(fd): a new, owned descriptor for the same open file.
Napi::Value DuplicateDescriptor(const Napi::CallbackInfo& info) {
  UniqueFd fd(::fcntl(NumberAt(info, 0), F_DUPFD_CLOEXEC, 3));
  if (!fd) return Throw(info.Env(), Errno("duplicate descriptor"));
  return GiveToScript(info.Env(), std::move(fd));
}

// replaceDescriptor(fd, by): from now on the number stands for what the other one does, which is closed. Whoever owns the number keeps it.
Napi::Value ReplaceDescriptor(const Napi::CallbackInfo& info) {
  const UniqueFd by = TakeFromScript(info.Env(), NumberAt(info, 1));
  if (::dup3(by.get(), NumberAt(info, 0), O_CLOEXEC) < 0) return Throw(info.Env(), Errno("replace descriptor"));
  return info.Env().Undefined();
}

// tryLock(fd, exclusive): false where another open file holds a lock against it.
Napi::Value TryLock(const Napi::CallbackInfo& info) {
  const int kind = FlagOf(info[1]) ? LOCK_EX : LOCK_SH;
  for (;;) {
    if (::flock(NumberAt(info, 0), kind | LOCK_NB) == 0) return Napi::Boolean::New(info.Env(), true);
    if (errno == EWOULDBLOCK) return Napi::Boolean::New(info.Env(), false);
    if (errno != EINTR) return Throw(info.Env(), Errno("lock file"));
  }
}

Napi::Value Unlock(const Napi::CallbackInfo& info) {
  if (::flock(NumberAt(info, 0), LOCK_UN) != 0) return Throw(info.Env(), Errno("unlock file"));
  return info.Env().Undefined();
}

// availableBytes(fd): what a read would find now.
Napi::Value AvailableBytes(const Napi::CallbackInfo& info) {
  int bytes = 0;
  if (::ioctl(NumberAt(info, 0), FIONREAD, &bytes) != 0) return Throw(info.Env(), Errno("ask pipe"));
  return Napi::Number::New(info.Env(), bytes);
}

// resizeTerminal(fd, columns, rows): the kernel tells those who run in it by SIGWINCH.
Napi::Value ResizeTerminal(const Napi::CallbackInfo& info) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(NumberAt(info, 1));
  size.ws_row = static_cast<unsigned short>(NumberAt(info, 2));
  if (::ioctl(NumberAt(info, 0), TIOCSWINSZ, &size) != 0) return Throw(info.Env(), Errno("resize terminal"));
  return info.Env().Undefined();
}

// terminalSettings(fd): what HostTerminal (supervisor/host_terminal.h) keeps of them.
Napi::Value TerminalSettings(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  termios settings{};
  if (::tcgetattr(NumberAt(info, 0), &settings) != 0) return Throw(env, Errno("read terminal settings"));
  const auto numbers = Napi::Array::New(env);
  for (const auto flags : {settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag}) numbers.Set(numbers.Length(), flags);
  for (const auto character : settings.c_cc) numbers.Set(numbers.Length(), static_cast<std::uint32_t>(character));
  return numbers;
}

// endTerminalInput(fd, inLine): the settings of a terminal can be read by its master.
Napi::Value EndTerminalInput(const Napi::CallbackInfo& info) {
  const int fd = NumberAt(info, 0);
  termios settings{};
  if (::tcgetattr(fd, &settings) != 0 || !(settings.c_lflag & ICANON)) return info.Env().Undefined();
  const char end = static_cast<char>(settings.c_cc[VEOF]);
  const char twice[] = {end, end};
  (void)!::write(fd, twice, FlagOf(info[1]) ? 2 : 1);
  return info.Env().Undefined();
}

}  // namespace

void DefineDescriptors(Napi::Env env, Napi::Object exports) {
  exports.Set("pipe", Napi::Function::New<Pipe>(env, "pipe"));
  exports.Set("growPipe", Napi::Function::New<GrowPipe>(env, "growPipe"));
  exports.Set("openDirectory", Napi::Function::New<OpenDirectory>(env, "openDirectory"));
  exports.Set("closeDescriptor", Napi::Function::New<CloseDescriptor>(env, "closeDescriptor"));
  exports.Set("releaseDescriptor", Napi::Function::New<ReleaseDescriptor>(env, "releaseDescriptor"));
  exports.Set("duplicateDescriptor", Napi::Function::New<DuplicateDescriptor>(env, "duplicateDescriptor"));
  exports.Set("replaceDescriptor", Napi::Function::New<ReplaceDescriptor>(env, "replaceDescriptor"));
  exports.Set("tryLock", Napi::Function::New<TryLock>(env, "tryLock"));
  exports.Set("unlock", Napi::Function::New<Unlock>(env, "unlock"));
  exports.Set("availableBytes", Napi::Function::New<AvailableBytes>(env, "availableBytes"));
  exports.Set("endTerminalInput", Napi::Function::New<EndTerminalInput>(env, "endTerminalInput"));
  exports.Set("terminalSettings", Napi::Function::New<TerminalSettings>(env, "terminalSettings"));
  exports.Set("resizeTerminal", Napi::Function::New<ResizeTerminal>(env, "resizeTerminal"));
}

}  // namespace tsc::binding
