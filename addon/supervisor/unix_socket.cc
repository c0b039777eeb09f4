// SPDX-License-Identifier: Apache-2.0
#include "supervisor/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace tsc {
namespace {

struct Place {
  UniqueFd parent;  // keeps the address valid
  sockaddr_un address{};
};

Result<Place> AddressOf(int directory, const std::string& path) {
  const auto slash = path.rfind('/');
  Place place;
  place.parent.reset(::openat(directory, path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.parent) return Errno("open", path);
  const std::string through = "/proc/self/fd/" + std::to_string(place.parent.get()) + "/" + path.substr(slash + 1);
  if (through.size() >= sizeof place.address.sun_path) return Fail("socket address", ENAMETOOLONG, path);
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, through.c_str(), through.size() + 1);
  return place;
}

Result<UniqueFd> NewSocket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Errno("socket");
  return socket;
}

}  // namespace

Result<UniqueFd> ListenUnix(int directory, const std::string& path) {
  auto socket = TSC_TRY(NewSocket());
  const auto place = TSC_TRY(AddressOf(directory, path));
  ::unlinkat(directory, path.c_str(), 0);
  const mode_t old_mask = ::umask(0177);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address);
  ::umask(old_mask);
  if (bound != 0) return Errno("bind", path);
  if (::listen(socket.get(), kListenBacklog) != 0) return Errno("listen", path);
  return socket;
}

Result<UniqueFd> ConnectUnix(int directory, const std::string& path) {
  auto socket = TSC_TRY(NewSocket());
  const auto place = TSC_TRY(AddressOf(directory, path));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address) != 0) return Errno("connect", path);
  return socket;
}

}  // namespace tsc
