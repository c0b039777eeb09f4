// SPDX-License-Identifier: Apache-2.0
// What the supervisor reads of a request before it does anything: the decoders of docs/protocol.md that stand by themselves, over a message
// of any shape.
#include "json_mutator.h"
#include "layer/worker_args.h"
#include "supervisor/create_request.h"
#include "supervisor/dns_gate.h"
#include "supervisor/egress_options.h"
#include "supervisor/pressure_watches.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

// Whatever is accepted has names that are safe below our directories, and says the same when it is written and read again.
void CheckCreate(const CreateRequest& request) {
  Require(IsId(request.id) && IsName(request.name) && request.name.find('/') == std::string::npos);
  for (const auto& layer : request.layers) Require(IsId(layer));
  for (const auto& file : request.memory_files) Require(file.path.starts_with('/'));
  for (const auto& place : request.networks) {
    const auto again = ParseNetworkPlace(PlaceJson(place), 0);
    Require(again.ok() && PlaceJson(*again) == PlaceJson(place));
  }
  for (const auto& port : request.ports) Require(PortJson(port).is_object());
}

void ReadCreate(const Json& message) {
  std::vector<UniqueFd> descriptors;
  descriptors.emplace_back();
  const auto request = ParseCreateRequest(message, {}, &descriptors);
  if (request.ok()) CheckCreate(*request);
  CreateTemplates templates;
  const auto common = templates.Read(message.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!common.ok()) return;
  const auto of_two = ParseCreateRequest(message, {}, &descriptors, common->get());
  if (of_two.ok()) CheckCreate(*of_two);
}

void ReadWorkerArgs(const Json& message) {
  WorkerArgs args(Member(message, "args"));
  std::string digest;
  std::optional<std::uint64_t> size;
  bool flag = false;
  args.Read("digest", digest);
  args.Read("size", size);
  args.Read("devices", flag);
  (void)args.status().ok();
}

void ReadOthers(const Json& message) {
  (void)ParseNetworkDefinition(Member(message, "definition")).ok();
  (void)ParseNetworkPlace(message, 0).ok();
  (void)ParseProcess(message).ok();
  (void)ParseResources(Member(message, "resources")).ok();
  (void)ParseRate(Member(message, "rate"), {}).ok();
  (void)ParseImpairment(message).ok();
  (void)ParseEgress(Member(message, "egress")).ok();
  (void)EgressRangesOf(Member(message, "ranges"));
  (void)ResolvedOf(Member(message, "addresses"));
  (void)FailureOf(message);
}

void Run(std::string_view input) {
  const Json message = Json::parse(input, nullptr, false);
  ReadCreate(message);
  ReadWorkerArgs(message);
  ReadOthers(message);
}

const Registration kTarget({"request", Run, MutateJson});

}  // namespace
}  // namespace tsc::fuzz
