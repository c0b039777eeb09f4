// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"

// An unpacked layer says with a device 0:0 and with an attribute what it hides of the layers below. Overlayfs makes no such device on
// itself, and some file systems have no attributes. No overlay can be mounted on layers there either, so only copying is left
// (layer/copy_tree.h), and for that the markers of OCI's archives stand in: empty files of their names.
namespace tsc {

// ".wh.<name>" or ".wh..wh..opq". Being there already is fine.
Status WriteMarkerFile(int dir, const std::string& name);

bool LiesOnOverlay(int fd);

}  // namespace tsc
