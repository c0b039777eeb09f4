// SPDX-License-Identifier: Apache-2.0
#include "runtime/child_devices.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/paths.h"
#include "core/syscalls.h"
#include "layer/no_umask.h"
#include "runtime/mount_kit.h"

namespace tsc {
namespace {

struct DefaultDevice {
  const char* name;
  unsigned major, minor;
};
constexpr std::array<DefaultDevice, 6> kDefaultDevices{
    {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}};

struct Link {
  const char* name;
  const char* target;
};
constexpr std::array<Link, 5> kLinks{{{"fd", "/proc/self/fd"},
                                      {"stdin", "/proc/self/fd/0"},
                                      {"stdout", "/proc/self/fd/1"},
                                      {"stderr", "/proc/self/fd/2"},
                                      {"ptmx", "pts/ptmx"}}};

Status MakeNode(int dir, const std::string& path, mode_t mode, unsigned major, unsigned minor, uid_t uid, gid_t gid) {
  std::string leaf;
  const auto parent = TSC_TRY(OpenParentInRoot(dir, path, &leaf, true));
  const NoUmask no_umask;  // a later fchmodat would follow a link that a neighbour on a shared volume has put there
  if (::mknodat(parent.get(), leaf.c_str(), mode, makedev(major, minor)) != 0) return Errno("mknod", path);
  if (::fchownat(parent.get(), leaf.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) != 0) return Errno("chown", path);
  return {};
}

// Where the host has this device, by the kernel's own list (sysfs, "dev/char/1:3/uevent").
Result<std::string> HostDevicePath(const Device& device) {
  const std::string numbers = std::to_string(device.major) + ":" + std::to_string(device.minor);
  const std::string uevent = std::string("/sys/dev/") + (device.type == S_IFBLK ? "block/" : "char/") + numbers + "/uevent";
  const auto text = ReadFileAt(AT_FDCWD, uevent.c_str(), 4096);
  if (!text.ok()) return Fail("find device", ENODEV, device.path);
  const auto at = text->find("DEVNAME=");
  if (at == std::string::npos) return Fail("find device", ENODEV, device.path);
  return "/dev/" + text->substr(at + 8, text->find('\n', at) - at - 8);
}

Status BindDevice(int root, const std::string& host, const std::string& destination, dev_t expected, Ahead* ahead) {
  const auto tree = TSC_TRY(ahead->Device(host));
  struct stat info {};
  if (::fstat(tree.get(), &info) != 0) return Errno("stat", host);
  if (info.st_rdev != expected || !(S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))) return Fail("bind device", ENODEV, host);
  const auto target = TSC_TRY(MountTarget(root, destination, TargetKind::kFile, false));
  return Attach(tree.get(), target.get(), destination);
}

Status BindDevices(const Spec& spec, int root, Ahead* ahead) {
  for (const auto& device : kDefaultDevices) {
    const std::string path = std::string("/dev/") + device.name;
    TSC_TRY(BindDevice(root, path, path, makedev(device.major, device.minor), ahead));
  }
  for (const auto& device : spec.devices) {
    if (device.type == S_IFIFO) {
      TSC_TRY(MakeNode(root, device.path, S_IFIFO | device.mode.value_or(0666), 0, 0, device.uid, device.gid));
      continue;
    }
    TSC_TRY(BindDevice(root, TSC_TRY(HostDevicePath(device)), device.path, makedev(device.major, device.minor), ahead));
  }
  return {};
}

}  // namespace

Result<UniqueFd> MakeDeviceFileSystem(const Spec& spec, const Mount& dev, uid_t uid, gid_t gid) {
  MountData data = dev.data;
  data.emplace_back("uid", std::to_string(uid));
  data.emplace_back("gid", std::to_string(gid));
  auto fs = TSC_TRY(NewFileSystem("tmpfs", data, dev.attr_set));
  for (const auto& device : kDefaultDevices) {
    if (::mknodat(fs.get(), device.name, S_IFCHR | 0666, makedev(device.major, device.minor)) != 0) return Errno("mknod", device.name);
    if (::fchownat(fs.get(), device.name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) return Errno("chown", device.name);
  }
  for (const auto& device : spec.devices) {
    if (!device.path.starts_with("/dev/")) return Fail("make device", EINVAL, device.path);
    TSC_TRY(MakeNode(fs.get(), device.path.substr(5), device.type | device.mode.value_or(0666), device.major, device.minor,
                     uid + device.uid, gid + device.gid));
  }
  return fs;
}

Status ChildMakeDevices(const ContainerPlan& plan, std::size_t dev_mount, int root, Ahead* ahead) {
  const auto dev = TSC_TRY(OpenInRoot(root, "/dev", O_PATH | O_DIRECTORY));
  if (!plan.bind_sources[dev_mount]) TSC_TRY(BindDevices(plan.spec, root, ahead));
  for (const auto& link : kLinks) {
    if (::symlinkat(link.target, dev.get(), link.name) != 0 && errno != EEXIST) return Errno("symlink", link.name);
  }
  if (::mkdirat(dev.get(), "pts", 0755) != 0 && errno != EEXIST) return Errno("mkdir", "/dev/pts");
  if (::mkdirat(dev.get(), "shm", 01777) != 0 && errno != EEXIST) return Errno("mkdir", "/dev/shm");
  return {};
}

Result<UniqueFd> ChildOpenTerminal(const Process& process) {
  UniqueFd master(::open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master) return Errno("open terminal", "/dev/pts/ptmx");
  int unlock = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &unlock) != 0) return Errno("unlock terminal");
  const UniqueFd slave(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave) return Errno("open terminal", "peer");
  const winsize size{process.rows, process.columns, 0, 0};
  ::ioctl(master.get(), TIOCSWINSZ, &size);
  if (::fchown(slave.get(), process.user.uid, static_cast<gid_t>(-1)) != 0) return Errno("chown", "terminal");
  if (::setsid() < 0 && errno != EPERM) return Errno("setsid");
  if (::ioctl(slave.get(), TIOCSCTTY, 0) != 0) return Errno("set controlling terminal");
  for (int fd = 0; fd < 3; ++fd)
    if (::dup2(slave.get(), fd) < 0) return Errno("dup2", "terminal");
  return master;
}

Status ChildPlaceConsole() {
  const UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Errno("open", "/");
  const auto terminal = TSC_TRY(CloneMount(STDIN_FILENO, "", false));
  const auto target = TSC_TRY(MountTarget(root.get(), "/dev/console", TargetKind::kFile, false));
  return Attach(terminal.get(), target.get(), "/dev/console");
}

}  // namespace tsc
