// SPDX-License-Identifier: Apache-2.0
#include "supervisor/create_request.h"

#include <sched.h>

#include <algorithm>
#include <cctype>

#include "core/base64.h"
#include "supervisor/egress_options.h"
#include "supervisor/pressure_watches.h"

namespace tsc {
namespace {

constexpr const char kLabelPrefix[] = "dev.tscontainer.label.";
constexpr int kJoinable = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

Status ParseFlags(const Json& message, CreateRequest* request) {
  request->host_usr = BoolMember(message, "hostUsr");
  request->user_namespace = StringMember(message, "userns", "private") == "private";
  request->init = BoolMember(message, "init", true);
  request->idle = BoolMember(message, "idle");
  request->detached = BoolMember(message, "detached");
  request->auto_remove = BoolMember(message, "autoRemove");
  request->stop_signal = static_cast<int>(IntMember(message, "stopSignal", 15));
  request->stop_timeout_ms = IntMember(message, "stopTimeoutMs", 10'000);
  if (request->stop_signal < 1 || request->stop_signal > 64) return Fail("parse signal", EINVAL, std::to_string(request->stop_signal));
  const Json& log = Member(message, "log");
  const std::string driver = StringMember(log, "driver", "file");
  request->log.driver = driver == "none"   ? LogOptions::Driver::kNone
                        : driver == "pipe" ? LogOptions::Driver::kPipe
                                           : LogOptions::Driver::kFile;
  request->log.file.max_bytes = static_cast<std::uint64_t>(IntMember(log, "maxBytes", 64 << 20));
  request->log.file.max_files = static_cast<unsigned>(IntMember(log, "maxFiles", 2));
  request->open_input = BoolMember(message, "openStdin");
  request->hidden = BoolMember(message, "hidden");
  request->root_devices = BoolMember(message, "rootDevices");
  return {};
}

Status ParseEtc(const Json& message, CreateRequest* request) {
  for (const auto& [name, text] : Member(message, "etc").items()) {
    if (name != "hosts" && name != "hostname" && name != "resolv.conf") return Fail("parse etc", EINVAL, name);
    request->etc.emplace_back(name, StringOf(text));
  }
  request->etc_readonly = BoolMember(message, "etcReadonly");
  return {};
}

Status ParseMemoryFiles(const Json& message, CreateRequest* request) {
  for (const char* list : {"secrets", "sockets"}) {
    for (const Json& entry : Member(message, list)) {
      MemoryFile file{StringMember(entry, "path"),
                      {},
                      static_cast<mode_t>(IntMember(entry, "mode", 0400)),
                      static_cast<uid_t>(IntMember(entry, "uid")),
                      static_cast<gid_t>(IntMember(entry, "gid"))};
      if (!file.path.starts_with('/') || (file.mode & ~07777U) != 0) return Fail("parse secret", EINVAL, file.path);
      if (std::string_view(list) == "secrets") file.content = TSC_TRY(DecodeBase64(StringMember(entry, "content")));
      request->memory_files.push_back(std::move(file));
    }
  }
  if (request->detached && !request->memory_files.empty()) return Fail("parse secret", EINVAL, "detached");
  return {};
}

Status ParseJoin(const Json& join, std::vector<UniqueFd>* descriptors, CreateRequest* request) {
  if (!join.is_object()) return {};
  request->join.container = StringMember(join, "container");
  if (!IsId(request->join.container)) return Fail("parse id", EINVAL, request->join.container);
  for (const auto& type : StringsMember(join, "namespaces")) {
    const int flag = NamespaceFlag(type);
    if ((flag & kJoinable) == 0) return Fail("parse namespace", EINVAL, type);
    if (request->spec.namespace_of(flag)) return Fail("parse namespace", EEXIST, type);
    request->spec.namespaces.push_back({flag, "container:" + request->join.container});
    request->join.kinds |= flag;
  }
  request->join.pidfd = TSC_TRY(TakeDescriptor(join, "pidfd", descriptors));
  return {};
}

Status ParseImages(const Json& message, CreateRequest* request) {
  for (const auto& [name, layers] : Member(message, "images").items()) {
    auto& list = request->images[name];
    for (const auto& layer : layers) {
      list.push_back(StringOf(layer));
      if (!IsId(list.back())) return Fail("parse layer", EINVAL, list.back());
    }
  }
  return {};
}

Status ParseNetworks(const Json& message, CreateRequest* request) {
  request->networks = TSC_TRY(ParseNetworkPlaces(Member(message, "networks")));
  request->ports = TSC_TRY(ParsePortRequests(Member(message, "ports")));
  request->rate = TSC_TRY(ParseRate(Member(message, "rate"), {}));
  if (const Json& resolver = Member(message, "resolver"); resolver.is_object()) {
    request->resolver.emplace();
    for (const auto& text : StringsMember(resolver, "upstreams")) request->resolver->push_back(TSC_TRY(ParseIpAddress(text)));
    for (const auto& link : Member(resolver, "links")) {
      request->links.push_back({StringMember(link, "name"), StringMember(link, "container")});
      if (!IsId(request->links.back().container)) return Fail("parse id", EINVAL, request->links.back().container);
    }
  }
  request->egress = TSC_TRY(ParseEgress(Member(message, "egress")));
  const Namespace* own = request->spec.namespace_of(CLONE_NEWNET);
  const bool wanted = !request->networks.empty() || !request->ports.empty();
  if (wanted && (!own || !own->path.empty())) return Fail("connect network", EINVAL, request->id);
  return {};
}

void TakeTemplate(CreateTemplate from, CreateRequest* request) {
  request->spec = std::move(from.spec);
  request->resources = std::move(from.resources);
  request->limits = std::move(from.limits);
  request->record = std::move(from.record);
}

void ParseLabels(CreateRequest* request) {
  for (const auto& [key, value] : request->spec.annotations) {
    if (key.starts_with(kLabelPrefix)) request->labels[key.substr(sizeof kLabelPrefix - 1)] = value;
  }
}

}  // namespace

bool IsId(const std::string& text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsName(const std::string& text) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !text.empty() && text.size() <= 128 && plain(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '_' || c == '.' || c == '-'; });
}

Result<UniqueFd> TakeDescriptor(const Json& message, const char* key, std::vector<UniqueFd>* descriptors) {
  const Json& place = Member(message, key);
  if (!place.is_number_integer()) return UniqueFd();
  const auto index = place.get<std::int64_t>();
  if (index < 0 || static_cast<std::size_t>(index) >= descriptors->size()) return Fail("take descriptor", EBADF, key);
  return std::move((*descriptors)[static_cast<std::size_t>(index)]);
}

Result<CreateRequest> ParseCreateRequest(const Json& message, std::string text, std::vector<UniqueFd>* descriptors,
                                         const CreateTemplate* common) {
  CreateRequest request;
  request.id = StringMember(message, "container");
  request.name = StringMember(message, "name");
  if (!IsId(request.id)) return Fail("parse id", EINVAL, request.id);
  if (!IsName(request.name)) return Fail("parse name", EINVAL, request.name);
  request.text = std::move(text);
  TakeTemplate(common ? *common : TSC_TRY(ParseCreateTemplate(message)), &request);
  if (common) request.spec.hostname = StringMember(message, "hostname");
  request.pressure = TSC_TRY(ParsePressureTriggers(Member(message, "pressure")));
  request.disk_quota = static_cast<std::uint64_t>(std::max<std::int64_t>(0, IntMember(message, "diskQuota")));
  request.layers = StringsMember(message, "layers");
  for (const auto& layer : request.layers)
    if (!IsId(layer)) return Fail("parse layer", EINVAL, layer);
  request.root_layer = StringMember(message, "rootLayer");
  if (!request.root_layer.empty() && !IsId(request.root_layer)) return Fail("parse layer", EINVAL, request.root_layer);
  request.volumes = TSC_TRY(ParseVolumeUses(Member(message, "volumes")));
  TSC_TRY(ParseImages(message, &request));
  TSC_TRY(ParseFlags(message, &request));
  TSC_TRY(ParseJoin(Member(message, "join"), descriptors, &request));
  TSC_TRY(ParseEtc(message, &request));
  TSC_TRY(ParseMemoryFiles(message, &request));
  TSC_TRY(ParseNetworks(message, &request));
  request.supervision = TSC_TRY(ParseSupervision(message));
  ParseLabels(&request);
  if (!request.spec.process && !request.idle) return Fail("parse process", EINVAL, request.id);
  request.seccomp_key = StringMember(message, "seccomp");
  request.standard_input = TSC_TRY(TakeDescriptor(message, "stdin", descriptors));
  request.log.pipe = TSC_TRY(TakeDescriptor(Member(message, "log"), "pipe", descriptors));
  return request;
}

}  // namespace tsc
