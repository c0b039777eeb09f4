// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include "command/caller.h"
#include "command/container_maker.h"
#include "command/foreground.h"
#include "command/lifecycle.h"
#include "command/number.h"

namespace tsc {
namespace {

Result<MakeOptions> OptionsOf(const Invocation& call) {
  MakeOptions options;
  options.id = TSC_TRY(call.id());
  options.bundle = call.options.get("bundle");
  options.console_socket = AbsolutePath(call.options.get("console-socket"));
  options.pid_file = AbsolutePath(call.options.get("pid-file"));
  options.preserved = TSC_TRY(PreservedDescriptors(call.options));
  options.own_keyring = !call.options.is_set("no-new-keyring");
  return options;
}

}  // namespace

Result<int> CreateCommand(const Invocation& call) {
  TSC_TRY(MakeContainer(call, TSC_TRY(OptionsOf(call))));
  return 0;
}

Result<int> RunCommand(const Invocation& call) {
  auto options = TSC_TRY(OptionsOf(call));
  const bool detached = call.options.is_set("detach");
  options.keeps_terminal = !detached;
  std::optional<Foreground> foreground;
  if (!detached) foreground.emplace();
  auto made = TSC_TRY(MakeContainer(call, options));
  auto started = StartContainer(call, made.place);
  if (!started.ok()) {
    (void)DeleteContainer(call, made.place);
    return started.failure();
  }
  if (detached) return 0;
  auto relay = made.terminal ? std::make_unique<TerminalRelay>(std::move(made.terminal)) : nullptr;
  const int status = TSC_TRY(foreground->Wait(made.process.get(), std::move(relay)));
  if (!call.options.is_set("keep")) TSC_TRY(DeleteContainer(call, made.place));
  return status;
}

}  // namespace tsc
