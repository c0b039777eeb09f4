// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/paths.h"
#include "core/syscalls.h"
#include "supervisor/container.h"

// Files of a container that are in memory alone, on the file system that only the supervisor sees, and bound into the container: those of
// /etc, secrets, sockets. They are gone with the container, and with the supervisor.
namespace tsc {
namespace {

struct Owned {
  mode_t mode = 0644;
  uid_t uid = 0;
  gid_t gid = 0;
};

Status Own(int fd, const Owned& owned, const std::string& path) {
  if (::fchown(fd, owned.uid, owned.gid) != 0) return Errno("chown", path);
  return ::fchmod(fd, owned.mode) == 0 ? Status{} : Status(Errno("chmod", path));
}

Status MakeFile(int dir, const std::string& name, const std::string& content, const Owned& owned) {
  const UniqueFd file(::openat(dir, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Errno("create", name);
  TSC_TRY(WriteAll(file.get(), content, name));
  return Own(file.get(), owned, name);
}

// By way of the directory's descriptor: the path may be longer than an address can be.
Result<UniqueFd> MakeSocket(int dir, const std::string& name, const Owned& owned) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Errno("socket", name);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(dir) + "/" + name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Errno("bind", name);
  if (::fchownat(dir, name.c_str(), owned.uid, owned.gid, AT_SYMLINK_NOFOLLOW) != 0) return Errno("chown", name);
  if (::fchmodat(dir, name.c_str(), owned.mode, 0) != 0) return Errno("chmod", name);
  if (::listen(socket.get(), SOMAXCONN) != 0) return Errno("listen", name);
  return socket;
}

std::string NameOf(std::size_t number) { return "file-" + std::to_string(number); }

}  // namespace

Status Container::MakeMemoryFiles() {
  if (request_.etc.empty() && request_.memory_files.empty()) return {};
  const Host& host = *context_.host;
  const uid_t root = request_.user_namespace ? host.container_root() : 0;
  if (::mkdirat(host.memory_dir.get(), id().c_str(), 0755) != 0 && errno != EEXIST) return Errno("mkdir", id());
  const UniqueFd dir(::openat(host.memory_dir.get(), id().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open", id());
  for (const auto& [name, text] : request_.etc) TSC_TRY(MakeFile(dir.get(), name, text, {0644, root, root}));
  for (std::size_t i = 0; i < request_.memory_files.size(); ++i) {
    auto& file = request_.memory_files[i];
    if (std::max(file.uid, file.gid) >= host.options.mapped_ids && request_.user_namespace) return Fail("chown", EINVAL, file.path);
    const Owned owned{file.mode, root + file.uid, root + file.gid};
    if (file.content) {
      TSC_TRY(MakeFile(dir.get(), NameOf(i), *file.content, owned));
    } else if (create_reply_) {
      listeners_.push_back(TSC_TRY(MakeSocket(dir.get(), NameOf(i), owned)));
    }
  }
  return {};
}

void Container::AddMemoryMounts(Spec* spec) const {
  const std::string directory = context_.host->memory + "/" + id() + "/";
  const auto add = [&](const std::string& destination, const std::string& name, std::uint64_t attributes) {
    Mount mount;
    mount.destination = destination;
    mount.source = directory + name;
    mount.type = "bind";
    mount.bind = true;
    mount.idmap = false;  // its owner is the container's already
    mount.attr_set = sys::kAttrNosuid | sys::kAttrNodev | attributes;
    spec->mounts.push_back(std::move(mount));
  };
  for (const auto& [name, text] : request_.etc) add("/etc/" + name, name, request_.etc_readonly ? sys::kAttrRdonly : 0);
  for (std::size_t i = 0; i < request_.memory_files.size(); ++i) {
    const bool socket = !request_.memory_files[i].content;
    add(request_.memory_files[i].path, NameOf(i), sys::kAttrNoexec | (socket ? 0 : sys::kAttrRdonly));
  }
}

// What its creator accepts connections from: its own from here on.
std::vector<UniqueFd> Container::TakeListeners() { return std::exchange(listeners_, {}); }

}  // namespace tsc
