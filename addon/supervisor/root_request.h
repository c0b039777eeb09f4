// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "supervisor/host.h"

namespace tsc {

// Beside Host::kMountPoints: the same for who has no /etc/hostname of its own.
inline constexpr const char* kFewMountPoints = "/few";

// What a container's root is made of, where overlayfs is there.
struct RootRequest {
  std::vector<std::string> layers;
  bool user_namespace = false;
  bool hostname = true;         // whether it has an /etc/hostname to be mounted upon
  std::string root_layer = {};  // the layer that says what the root directory itself is like; empty: none does
  bool operator==(const RootRequest&) const = default;
};

// The directories to be stacked, the lowest first.
std::vector<std::string> LayerDirectories(const Host& host, const RootRequest& request);

// Another directory in the place of the lowest one: Host::kNothing, kFewMountPoints.
void BesideMountPoints(const char* name, std::string* directory);

// upper/ and work/ in a container's directory. Overlayfs shows its root as the upper directory is.
Status MakeOverlayDirectories(const Host& host, int directory, const RootRequest& request);

// `base` has them. What is written to a volatile one is not synced when it goes.
Result<UniqueFd> MountContainerOverlay(const Host& host, const RootRequest& request, const std::string& base, bool is_volatile);

}  // namespace tsc
