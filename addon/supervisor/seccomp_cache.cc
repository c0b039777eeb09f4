// SPDX-License-Identifier: Apache-2.0
#include "supervisor/seccomp_cache.h"

#include <fcntl.h>
#include <seccomp.h>

#include <cstring>

#include "core/paths.h"
#include "layer/sha256.h"

namespace tsc {
namespace {

// Goes into the key: a filter compiled by another version of the library or of our own rules is another filter.
std::string CompilerVersion() {
  const scmp_version* version = seccomp_version();
  return "tscontainer 3, libseccomp " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->micro);
}

std::string FileName(const std::string& key) { return "cache/seccomp-" + key; }

}  // namespace

Result<std::string> SeccompCache::Add(const Json& profile) {
  Sha256 hash;
  hash.Update(CompilerVersion());
  hash.Update(profile.dump(-1, ' ', false, Json::error_handler_t::replace));
  const std::string key = hash.Digest().substr(7);
  if (programs_.contains(key)) return key;
  auto program = Load(key);
  if (!program.ok()) {
    program = CompileSeccomp(profile);
    if (!program.ok()) return program.failure();
    Save(key, *program);
  }
  programs_[key] = std::make_shared<SeccompProgram>(std::move(*program));
  return key;
}

Result<std::shared_ptr<const SeccompProgram>> SeccompCache::Find(const std::string& key) {
  if (key.empty()) return std::shared_ptr<const SeccompProgram>();
  const auto it = programs_.find(key);
  if (it != programs_.end()) return it->second;
  if (key.size() != 64 || key.find_first_not_of("0123456789abcdef") != std::string::npos) return Fail("find seccomp program", EINVAL, key);
  auto program = TSC_TRY(Load(key));
  return programs_[key] = std::make_shared<SeccompProgram>(std::move(program));
}

// [flags, length, instructions], with a digest before it: a file cut short by a crash is compiled anew.
Result<SeccompProgram> SeccompCache::Load(const std::string& key) const {
  const auto text = TSC_TRY(ReadFileAt(root_, FileName(key).c_str()));
  constexpr std::size_t kHeader = 71 + sizeof(unsigned);
  if (text.size() < kHeader || (text.size() - kHeader) % sizeof(sock_filter) != 0) return Fail("read seccomp program", EBADMSG, key);
  Sha256 hash;
  hash.Update(std::string_view(text).substr(71));
  if (hash.Digest() != text.substr(0, 71)) return Fail("read seccomp program", EBADMSG, key);
  SeccompProgram program;
  std::memcpy(&program.flags, text.data() + 71, sizeof program.flags);
  program.instructions.resize((text.size() - kHeader) / sizeof(sock_filter));
  std::memcpy(program.instructions.data(), text.data() + kHeader, text.size() - kHeader);
  return program;
}

void SeccompCache::Save(const std::string& key, const SeccompProgram& program) const {
  std::string body(reinterpret_cast<const char*>(&program.flags), sizeof program.flags);
  body.append(reinterpret_cast<const char*>(program.instructions.data()), program.instructions.size() * sizeof(sock_filter));
  Sha256 hash;
  hash.Update(body);
  const UniqueFd cache(::openat(root_, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (cache) (void)WriteFileAtomic(cache.get(), ("seccomp-" + key).c_str(), hash.Digest() + body).ok();
}

}  // namespace tsc
