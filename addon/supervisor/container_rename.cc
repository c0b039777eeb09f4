// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "supervisor/container.h"
#include "supervisor/container_names.h"
#include "supervisor/networks.h"
#include "supervisor/stored_container.h"

namespace tsc {
// In this order the name in its record leads to it at each moment: by that it is known to be whole.
Status Container::Rename(const std::string& name) {
  if (!IsName(name)) return Fail("parse name", EINVAL, name);
  if (name == request_.name) return {};
  const Host& host = *context_.host;
  const auto call = [&]() -> Status {
    for (auto& endpoint : endpoints_)
      for (const auto& place : request_.networks)
        if (place.network == endpoint.network) TSC_TRY(context_.networks->Rename(&endpoint, NetworkNames(), place));
    return {};
  };
  TSC_TRY(ClaimName(host, name, id()));
  const std::string before = std::exchange(request_.name, name);
  auto done = call();
  if (done.ok() && request_.detached) done = RecordName(host, id(), name);
  if (!done.ok()) {
    request_.name = before;
    (void)call().ok();
  }
  DropName(host, done.ok() ? before : name, id());
  if (!done.ok()) return done;
  WriteState();
  context_.emit("renamed", *this, {{"previousName", before}});
  return {};
}

}  // namespace tsc
