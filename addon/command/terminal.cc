// SPDX-License-Identifier: Apache-2.0
#include "command/terminal.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cstring>

#include "command/sentence.h"
#include "core/passed_descriptors.h"
#include "core/paths.h"

namespace tsc {
namespace {

termios before;  // one terminal, one relay

}  // namespace

Status SendTerminal(const std::string& path, int master) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Fail("console socket", ENAMETOOLONG, path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Errno("connect console socket", path);
  }
  char name[] = "/dev/ptmx";
  iovec part{name, sizeof name - 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const PassedDescriptors<1> passed(&message, &master, 1);
  if (::sendmsg(socket.get(), &message, MSG_NOSIGNAL) < 0) return Errno("send terminal", path);
  return {};
}

TerminalRelay::TerminalRelay(UniqueFd master) : master_(std::move(master)) {
  Resize();
  raw_ = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (!raw_) return;
  termios raw = before;
  ::cfmakeraw(&raw);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

TerminalRelay::~TerminalRelay() {
  if (raw_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void TerminalRelay::FromCaller() {
  char buffer[4096];
  const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
  input_open_ = n > 0;
  // The end of input is said as a terminal says it.
  if (n > 0) (void)WriteAll(master_.get(), {buffer, static_cast<std::size_t>(n)}, "terminal");
  if (n == 0) (void)WriteAll(master_.get(), "\x04", "terminal");
}

bool TerminalRelay::FromProgram() {
  char buffer[4096];
  const ssize_t n = ::read(master_.get(), buffer, sizeof buffer);
  if (n < 0 && errno == EINTR) return true;
  if (n > 0) (void)WriteAll(STDOUT_FILENO, {buffer, static_cast<std::size_t>(n)}, "stdout");
  return n > 0;
}

void TerminalRelay::Resize() {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ::ioctl(master_.get(), TIOCSWINSZ, &size);
}

}  // namespace tsc
