// SPDX-License-Identifier: Apache-2.0
// A stranger's layer or archive, unpacked into a directory in memory. Nothing may appear or change beside that directory. The first byte
// holds the options.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"
#include "layer/apply.h"
#include "layer/archive.h"
#include "tar_mutator.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

constexpr std::uint64_t kMaxBytes = 4 << 20;
constexpr TarLimits kLimits{.entries = 1000, .file_bytes = kMaxBytes};

// Holds only "target", which is what everything is unpacked into.
struct Box {
  std::string path;
  UniqueFd fd;
  Box() {
    char name[] = "/dev/shm/tsc-fuzz-XXXXXX";  // mkdtemp(3) puts its own letters there
    path = ::mkdtemp(name);
    fd.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Box() { (void)RemoveTree(AT_FDCWD, path.c_str()); }

  bool Alone() const {
    DIR* directory = ::opendir(path.c_str());
    std::size_t names = 0;
    while (const dirent* entry = ::readdir(directory)) names += std::string_view(entry->d_name) == "target" ? 1 : 2;
    ::closedir(directory);
    return names == 1 + 2 * 2;  // "." and ".."
  }
};

UniqueFd Memory(std::string_view data) {
  UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  (void)WriteAll(fd.get(), data, "fuzz");
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

void UnpackInto(int target, int input, unsigned choice) {
  UnpackOptions options;
  options.input = input;
  options.target = target;
  options.max_plain_bytes = kMaxBytes;
  options.limits = kLimits;
  options.single_id = (choice & 2) != 0;
  options.devices = (choice & 4) != 0;
  options.user_xattr = (choice & 8) != 0;
  (void)UnpackLayer(options).ok();
}

void ExtractInto(int target, int input) {
  (void)ExtractArchive({.input = input, .target = target, .max_plain_bytes = kMaxBytes, .limits = kLimits}).ok();
}

void Run(std::string_view input) {
  if (input.empty()) return;
  static const Box box;
  const unsigned choice = static_cast<unsigned char>(input[0]);
  Require(::mkdirat(box.fd.get(), "target", 0755) == 0);
  const UniqueFd target(::openat(box.fd.get(), "target", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd archive = Memory(input.substr(1));
  if ((choice & 1) != 0)
    ExtractInto(target.get(), archive.get());
  else
    UnpackInto(target.get(), archive.get(), choice);
  Require(box.Alone());
  Require(RemoveTree(box.fd.get(), "target").ok());
}

std::string Mutate(const std::string& input, std::uint32_t seed) {
  return (input.empty() ? std::string(1, '\0') : input.substr(0, 1)) + MutateTar(input.empty() ? "" : input.substr(1), seed);
}

const Registration kTarget({"layer", Run, Mutate});

}  // namespace
}  // namespace tsc::fuzz
