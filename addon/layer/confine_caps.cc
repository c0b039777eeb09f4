// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>

#include "core/paths.h"
#include "layer/confine_parts.h"

namespace tsc::confine {
namespace {

constexpr std::uint64_t Bit(int capability) { return std::uint64_t{1} << capability; }

constexpr std::uint64_t kFileCaps =
    Bit(CAP_CHOWN) | Bit(CAP_DAC_OVERRIDE) | Bit(CAP_FOWNER) | Bit(CAP_FSETID) | Bit(CAP_MKNOD) | Bit(CAP_SETFCAP);

std::uint64_t MaskOf(Caps keep) {
  if (keep == Caps::kNone) return 0;
  return keep == Caps::kFiles ? kFileCaps : kFileCaps | Bit(CAP_SYS_ADMIN);
}

Status SetCapabilities(std::uint64_t keep) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return Because("capabilities");
  for (int i = 0; i < 2; ++i) {
    data[i].permitted &= static_cast<__u32>(keep >> (32 * i));  // no more than there are
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  if (::syscall(SYS_capset, &header, data) != 0) return Because("capabilities");
  return {};
}

}  // namespace

bool OnHost() {
  const auto map = ReadFileAt(AT_FDCWD, "/proc/self/uid_map");
  if (!map) return true;  // one capability too many, which seccomp leaves nothing to do with
  std::string_view text = *map;
  const auto field = [&text] {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    const auto word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(word.size());
    return word;
  };
  return field() == "0" && field() == "0" && field() == "4294967295";
}

Status DropCapabilities(Caps keep) {
  // No program can be started here, so the bounding set is a second line only: a kernel without SETPCAP for us may refuse.
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return Because("capabilities");
  return SetCapabilities(MaskOf(keep));
}

}  // namespace tsc::confine
