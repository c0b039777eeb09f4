// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>

#include "supervisor/container.h"
#include "supervisor/networks.h"
#include "supervisor/stored_container.h"

namespace tsc {
namespace {

bool LeadsTo(int root, const std::string& path, const std::string& id) {
  char target[80] = {};
  return ::readlinkat(root, path.c_str(), target, sizeof target - 1) > 0 && id == target;
}

void DropName(int root, const std::string& name, const std::string& id) {
  const std::string path = "names/" + name;
  if (LeadsTo(root, path, id)) ::unlinkat(root, path.c_str(), 0);
}

// It may lead there already: who was to rename it so was killed in the middle of that.
Status ClaimName(int root, const std::string& name, const std::string& id) {
  const std::string path = "names/" + name;
  if (::symlinkat(id.c_str(), root, path.c_str()) == 0) return {};
  const int error = errno;
  return error == EEXIST && LeadsTo(root, path, id) ? Status{} : Status(Fail("claim name", error, name));
}

}  // namespace

// In this order the name in its record leads to it at each moment: by that it is known to be whole.
Status Container::Rename(const std::string& name) {
  if (!IsName(name)) return Fail("parse name", EINVAL, name);
  if (name == request_.name) return {};
  const Host& host = *context_.host;
  const int root = host.root_dir.get();
  const auto call = [&]() -> Status {
    for (auto& endpoint : endpoints_)
      for (const auto& place : request_.networks)
        if (place.network == endpoint.network) TSC_TRY(context_.networks->Rename(&endpoint, NetworkNames(), place));
    return {};
  };
  TSC_TRY(ClaimName(root, name, id()));
  const std::string before = std::exchange(request_.name, name);
  auto done = call();
  if (done.ok() && request_.detached) done = RecordName(host, id(), name);
  if (!done.ok()) {
    request_.name = before;
    (void)call().ok();
  }
  DropName(root, done.ok() ? before : name, id());
  if (!done.ok()) return done;
  WriteState();
  context_.emit("renamed", *this, {{"previousName", before}});
  return {};
}

}  // namespace tsc
