// SPDX-License-Identifier: Apache-2.0
#include "network/traffic_control.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string>

namespace tsc {
namespace {

constexpr std::uint32_t kBad = 0x00010000, kLine = 0x00020000;  // handles: 1: and 2:
constexpr std::uint32_t kInside = kBad | 1;                     // what a bad line hands on
// A packet that is larger than the burst never passes, and some links take 65,520 bytes.
constexpr std::uint64_t kLeastBurst = std::uint64_t{66} * 1024, kLeastQueue = std::uint64_t{132} * 1024;
constexpr std::uint32_t kLongestQueue = 10'000;  // packets on a line with delay

tcmsg Head(int link, std::uint32_t parent, std::uint32_t handle) {
  tcmsg head{};
  head.tcm_ifindex = link;
  head.tcm_parent = parent;
  head.tcm_handle = handle;
  return head;
}

std::uint32_t Fit(std::uint64_t bytes) { return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, 0x7fffffffU)); }

// A hundredth of a second at once, and a twentieth that waits.
NetlinkMessage NewRate(int link, std::uint32_t parent, std::uint64_t rate) {
  const std::uint64_t burst = std::max(kLeastBurst, rate / 100);
  tc_tbf_qopt options{};
  options.rate.linklayer = TC_LINKLAYER_ETHERNET;
  options.rate.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(rate, ~0U));
  options.limit = Fit(burst + std::max(kLeastQueue, rate / 20));
  NetlinkMessage message(RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, "limit rate", std::to_string(rate));
  message.Head(Head(link, parent, kLine)).PutText(TCA_KIND, "tbf");
  message.Nest(TCA_OPTIONS, [&] {
    message.Put(TCA_TBF_PARMS, {reinterpret_cast<const char*>(&options), sizeof options});
    message.PutNumber<std::uint32_t>(TCA_TBF_BURST, Fit(burst));
    if (rate > ~0U) message.PutNumber(TCA_TBF_RATE64, rate);
  });
  return message;
}

NetlinkMessage NewBadLine(int link, const Impairment& how) {
  tc_netem_qopt options{};
  options.limit = kLongestQueue;
  options.loss = how.loss;
  options.duplicate = how.duplicate;
  options.gap = how.reorder != 0 ? 1 : 0;
  const tc_netem_reorder reorder{how.reorder, 0};
  const tc_netem_corrupt corrupt{how.corrupt, 0};
  NetlinkMessage message(RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, "impair link", std::to_string(link));
  message.Head(Head(link, TC_H_ROOT, kBad)).PutText(TCA_KIND, "netem");
  message.Nest(TCA_OPTIONS, [&] {
    message.Head(options);
    message.PutNumber(TCA_NETEM_LATENCY64, static_cast<std::int64_t>(how.delay_ns));
    message.PutNumber(TCA_NETEM_JITTER64, static_cast<std::int64_t>(how.jitter_ns));
    if (how.reorder != 0) message.Put(TCA_NETEM_REORDER, {reinterpret_cast<const char*>(&reorder), sizeof reorder});
    if (how.corrupt != 0) message.Put(TCA_NETEM_CORRUPT, {reinterpret_cast<const char*>(&corrupt), sizeof corrupt});
  });
  return message;
}

// What the kernel gives a link by itself cannot be deleted: that is as good.
Status Clear(NetlinkSocket* socket, int link) {
  NetlinkMessage message(RTM_DELQDISC, NLM_F_ACK, "free link", std::to_string(link));
  message.Head(Head(link, TC_H_ROOT, 0));
  return socket->SendTolerating(ENOENT, std::move(message));
}

}  // namespace

Status ControlTraffic(NetlinkSocket* socket, int link, const TrafficControl& control) {
  TSC_TRY(Clear(socket, link));
  const bool bad = control.impairment.any();
  if (bad) TSC_TRY(socket->Send(NewBadLine(link, control.impairment)));
  return control.rate > 0 ? socket->Send(NewRate(link, bad ? kInside : std::uint32_t{TC_H_ROOT}, control.rate)) : Status{};
}

}  // namespace tsc
