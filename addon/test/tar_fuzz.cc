// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: a stranger's layer or archive, unpacked into a temporary directory. Build with
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I addon addon/test/tar_fuzz.cc addon/layer/*.cc addon/core/paths.cc
//           -lz -lzstd -lcrypto
// Besides what the sanitizers find, nothing may appear or change beside the target.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "core/paths.h"
#include "layer/apply.h"
#include "layer/archive.h"
#include "layer/tar_header.h"

namespace {

using namespace tsc;

constexpr std::uint64_t kMaxBytes = 4 << 20;

// A directory on a tmpfs that holds only "target", which is what everything is unpacked into.
struct Box {
  std::string path;
  UniqueFd fd;
  Box() {
    char name[] = "/dev/shm/tsc-fuzz-XXXXXX";
    path = ::mkdtemp(name);
    fd.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Box() { (void)RemoveTree(AT_FDCWD, path.c_str()); }
};

UniqueFd Memory(std::string_view data) {
  UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  (void)WriteAll(fd.get(), data, "fuzz");
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

// A fuzzer does not guess checksums: sets those of all blocks that look like headers.
std::string Seal(std::string_view data) {
  std::string sealed(data);
  for (std::size_t at = 0; at + kTarBlock <= sealed.size(); at += kTarBlock) {
    if (sealed.compare(at + 257, 5, "ustar") != 0) continue;
    sealed.replace(at + 148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < kTarBlock; ++i) sum += static_cast<unsigned char>(sealed[at + i]);
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum & 0777777);
    sealed.replace(at + 148, 8, std::string(text, 7) + " ");
  }
  return sealed;
}

void CheckAlone(const Box& box) {
  struct stat info {};
  if (::fstat(box.fd.get(), &info) != 0 || info.st_nlink != 3) std::abort();  // ".", its own name, "target/.."
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  if (size == 0) return 0;
  static const Box box;
  const std::string data = Seal({reinterpret_cast<const char*>(bytes) + 1, size - 1});
  const unsigned choice = bytes[0];
  ::mkdirat(box.fd.get(), "target", 0755);
  const UniqueFd target(::openat(box.fd.get(), "target", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd input = Memory(data);
  TarLimits limits;
  limits.entries = 1000;
  limits.file_bytes = kMaxBytes;
  if ((choice & 1) != 0) {
    ExtractOptions options;
    options.input = input.get();
    options.target = target.get();
    options.max_plain_bytes = kMaxBytes;
    options.limits = limits;
    (void)ExtractArchive(options).ok();
  } else {
    UnpackOptions options;
    options.input = input.get();
    options.target = target.get();
    options.max_plain_bytes = kMaxBytes;
    options.limits = limits;
    options.single_id = (choice & 2) != 0;
    options.devices = (choice & 4) != 0;
    options.user_xattr = (choice & 8) != 0;
    (void)UnpackLayer(options).ok();
  }
  CheckAlone(box);
  if (!RemoveTree(box.fd.get(), "target")) std::abort();
  return 0;
}
