// SPDX-License-Identifier: Apache-2.0
#include "runtime/mount_options.h"

#include <sys/mount.h>

#include <map>

#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr const char kSubpath[] = "subpath=";

struct Attribute {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
};

const std::map<std::string, Attribute>& Attributes() {
  static const std::map<std::string, Attribute> table = {
      {"ro", {sys::kAttrRdonly, 0}},
      {"rw", {0, sys::kAttrRdonly}},
      {"nosuid", {sys::kAttrNosuid, 0}},
      {"suid", {0, sys::kAttrNosuid}},
      {"nodev", {sys::kAttrNodev, 0}},
      {"dev", {0, sys::kAttrNodev}},
      {"noexec", {sys::kAttrNoexec, 0}},
      {"exec", {0, sys::kAttrNoexec}},
      {"noatime", {sys::kAttrNoatime, sys::kAttrAtimeMask}},
      {"relatime", {sys::kAttrRelatime, sys::kAttrAtimeMask}},
      {"strictatime", {sys::kAttrStrictatime, sys::kAttrAtimeMask}},
      {"nodiratime", {sys::kAttrNodiratime, 0}},
      {"nosymfollow", {sys::kAttrNosymfollow, 0}},
      {"symfollow", {0, sys::kAttrNosymfollow}},
      {"diratime", {0, sys::kAttrNodiratime}},
      {"defaults", {0, 0}},
      // What every mount is without them, and what the kernel has given up.
      {"async", {0, 0}},
      {"nomand", {0, 0}},
      {"norelatime", {0, 0}},
      {"nostrictatime", {0, 0}},
      {"loud", {0, 0}},
  };
  return table;
}

const std::map<std::string, std::uint64_t>& Propagations() {
  static const std::map<std::string, std::uint64_t> table = {
      {"private", MS_PRIVATE}, {"rprivate", MS_PRIVATE | MS_REC}, {"shared", MS_SHARED},         {"rshared", MS_SHARED | MS_REC},
      {"slave", MS_SLAVE},     {"rslave", MS_SLAVE | MS_REC},     {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE | MS_REC}};
  return table;
}

bool ApplyFlag(const std::string& option, Mount* mount) {
  if (option == "bind" || option == "rbind") {
    mount->bind = true;
    mount->recursive = option == "rbind";
  } else if (option == "rro") {
    mount->attr_set |= sys::kAttrRdonly;
    mount->recursive_readonly = true;
  } else if (option == "tmpcopyup") {
    mount->copy_up = true;
  } else if (option == "noidmap") {
    mount->idmap = false;
  } else if (option.starts_with(kSubpath) && (mount->bind || mount->type == "image")) {
    mount->subpath = option.substr(sizeof kSubpath - 1);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Status ApplyMountOption(const std::string& option, Mount* mount) {
  if (const auto it = Attributes().find(option); it != Attributes().end()) {
    mount->attr_clear |= it->second.clear;
    mount->attr_set = (mount->attr_set & ~it->second.clear) | it->second.set;
    return {};
  }
  if (const auto it = Propagations().find(option); it != Propagations().end()) {
    mount->propagation = it->second;
    return {};
  }
  if (ApplyFlag(option, mount)) return {};
  if (mount->bind) return Fail("mount option", EINVAL, option);
  const auto equals = option.find('=');
  mount->data.emplace_back(option.substr(0, equals), equals == std::string::npos ? std::string() : option.substr(equals + 1));
  return {};
}

}  // namespace tsc
