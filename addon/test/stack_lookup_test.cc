// SPDX-License-Identifier: Apache-2.0
// A path in a stack of layers is what it would be in an overlay of them, links included; and none leads out.
#include <doctest/doctest.h>

#include "layer_support.h"
#include "supervisor/stack_lookup.h"

using namespace tsc;
using namespace tsc::test;

namespace {

struct Stack {
  TempDir box;
  LayerStack stack;

  Stack() : stack({}) {
    REQUIRE(Shell("cd " + box.path() +
                  " && mkdir -p one/srv/db one/run one/gone two/srv/db two/var outside && echo x > one/file && ln -s /run one/to-run && "
                  "ln -s ../run two/var/run && ln -s loop two/loop && ln -s ../../../../../srv two/climbs && ln -s " +
                  box.At("outside") + " two/out && touch two/.wh.gone"));
    std::vector<StackLayer> layers;
    for (const char* name : {"one", "two"})
      layers.push_back({UniqueFd(::open(box.At(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), {}});
    stack = LayerStack(std::move(layers));
  }

  std::string Find(const std::string& path) const {
    const auto found = FindDirectory(stack, path);
    if (!found.ok()) return strerrorname_np(found.failure().error);
    if (!*found) return "none";
    return (*found)->path + " " + std::to_string((*found)->levels.size());
  }
};

}  // namespace

TEST_CASE("a directory is found with all that merges into it, through links of the image") {
  const Stack stack;
  CHECK(stack.Find("/srv/db") == "srv/db 2");
  CHECK(stack.Find("//srv/./db/") == "srv/db 2");
  CHECK(stack.Find("/") == " 2");
  CHECK(stack.Find("/to-run") == "run 1");
  CHECK(stack.Find("/var/run") == "run 1");
  CHECK(stack.Find("/srv/../srv/db/../../run") == "run 1");
}

TEST_CASE("what is hidden, missing or no directory is not found, and nothing leads out") {
  const Stack stack;
  CHECK(stack.Find("/gone") == "none");
  CHECK(stack.Find("/missing/../srv") == "none");
  CHECK(stack.Find("/file") == "none");
  CHECK(stack.Find("/file/x") == "none");
  CHECK(stack.Find("/out") == "none");
  CHECK(stack.Find("/climbs/db") == "srv/db 2");
  CHECK(stack.Find("/../../../srv") == "srv 2");
  CHECK(stack.Find("/loop") == "ELOOP");
}
