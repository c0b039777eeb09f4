// SPDX-License-Identifier: Apache-2.0
#include "layer/copy_tree.h"

#include "layer/no_umask.h"
#include "layer/tree_copier.h"

namespace tsc {

Result<CopyTreeResult> CopyTree(const CopyTreeOptions& options) {
  const NoUmask no_umask;
  TreeCopier copier(options);
  TSC_TRY(copier.Run());
  return copier.result();
}

}  // namespace tsc
