// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "supervisor/demand.h"
#include "supervisor/event_loop.h"
#include "supervisor/nursery.h"
#include "supervisor/root_request.h"

namespace tsc {

// A container's directory with upper/ and work/, and the overlay mounted over them.
struct ParkedRoot {
  std::string directory;  // below the store's root
  UniqueFd overlay;
};

// Keeps roots ready, as many as there is demand for, of the layers that were asked for last: mostly the next container is made of the same.
// Making one on the disk and mounting it takes a fifth of a start.
class RootParking {
 public:
  // `reap` is told of what was put into the trash.
  RootParking(EventLoop* loop, const Host* host, Nursery* nursery, std::function<void()> reap)
      : loop_(loop), host_(host), nursery_(nursery), reap_(std::move(reap)) {}

  // A root of these layers, if one is ready, which then is the caller's.
  std::optional<ParkedRoot> Take(const RootRequest& request);
  // A container goes on: there is no rest yet.
  void Touch() { demand_.Touch(); }
  // A layer goes: what is made of it goes first.
  void Forget(const std::string& layer);
  void Close();

 private:
  using Identities = std::vector<std::pair<dev_t, ino_t>>;
  Identities Identify() const;
  void OnDemand();
  void OnTaken();
  void MakeNext();
  bool Ask();
  void Drop();
  void SetAside(const ParkedRoot& parked);

  EventLoop* loop_;
  const Host* host_;
  Nursery* nursery_;
  std::function<void()> reap_;
  RootRequest request_;
  std::deque<ParkedRoot> ready_;
  Demand demand_{loop_, {3, 8}, [this] { OnDemand(); }, [this] { OnTaken(); }};
  Identities identities_;     // of the layers' directories when they were made
  std::uint64_t wanted_ = 0;  // what is made for an earlier wish is dropped
  std::uint64_t made_ = 0;
  std::size_t asked_ = 0;
  bool closed_ = false;
};

}  // namespace tsc
