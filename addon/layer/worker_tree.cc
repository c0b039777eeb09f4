// SPDX-License-Identifier: Apache-2.0
#include "layer/pack.h"
#include "layer/unpack_tree.h"
#include "layer/worker_args.h"
#include "layer/worker_kinds.h"

// The caller's side of a copy into a container or out of it.
namespace tsc::work {
namespace {

EntrySieve SieveOf(const Fds& fds) { return fds.size() > 3 ? EntrySieve(fds[2].get(), fds[3].get()) : EntrySieve(); }

}  // namespace

// Arguments, all optional: only, as (see PackOptions). Everything in it is root's, as what a container gets has no owner of the host.
// Result: {entries, skippedSockets}.
Result<Json> PackHostTree(const Json& json, const Fds& fds, const WorkProgress&) {
  PackOptions options;
  options.source = fds[0].get();
  options.output = fds[1].get();
  WorkerArgs args(json);
  args.Read("only", options.only);
  args.Read("as", options.as);
  TSC_TRY(args.status());
  auto sieve = SieveOf(fds);
  options.sieve = &sieve;
  options.live = options.root_entry = options.squash_owner = true;
  options.digests = false;
  const auto packed = TSC_TRY(tsc::PackLayer(options));
  return Json{{"entries", packed.entries}, {"skippedSockets", packed.skipped_sockets}};
}

// What comes out of a container becomes the caller's, and nothing in it gets any power. Result: {entries, skippedDevices, droppedXattrs}.
Result<Json> UnpackHostTree(const Json&, const Fds& fds, const WorkProgress&) {
  UnpackTreeOptions options;
  options.input = fds[0].get();
  options.tree.root = fds[1].get();
  options.sieve = SieveOf(fds);
  options.trusted = false;
  options.single_id = true;
  const auto unpacked = TSC_TRY(UnpackTree(std::move(options)));
  return Json{{"entries", unpacked.entries}, {"skippedDevices", unpacked.skipped_devices}, {"droppedXattrs", unpacked.dropped_xattrs}};
}

}  // namespace tsc::work
