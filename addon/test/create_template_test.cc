// SPDX-License-Identifier: Apache-2.0
// A `create` of two lines is the container that one of one line would be; and a text that is not exactly a known one is read anew.
#include <doctest/doctest.h>

#include "supervisor/create_request.h"
#include "supervisor/create_template.h"

using namespace tsc;

namespace {

const std::string kId(64, 'a');

Json OwnPart() { return {{"op", "create"}, {"id", 1}, {"container", kId}, {"name", "one"}}; }

Json CommonPart(const std::string& argument = "true") {
  return {{"spec",
           {{"process", {{"args", {argument}}, {"cwd", "/"}}},
            {"annotations", {{"dev.tscontainer.label.a", "1"}}},
            {"linux", {{"namespaces", {{{"type", "uts"}}}}, {"resources", {{"pids", {{"limit", 7}}}}}}}}},
          {"record", {{"version", 1}}}};
}

}  // namespace

TEST_CASE("two lines make the container that one makes") {
  Json own = OwnPart();
  own["hostname"] = "box";
  const std::string text = own.dump() + "\n" + CommonPart().dump();
  const auto [message, common] = ReadRequest(text);
  CreateTemplates templates;
  const auto read = templates.Read(common);
  REQUIRE(read.ok());
  std::vector<UniqueFd> none;
  const auto two = ParseCreateRequest(message, {}, &none, read->get());
  Json whole = OwnPart();
  whole.update(CommonPart());
  whole["spec"]["hostname"] = "box";
  const auto one = ParseCreateRequest(ReadRequest(whole.dump()).message, {}, &none);
  REQUIRE(two.ok());
  REQUIRE(one.ok());
  for (const auto* request : {&*one, &*two}) {
    CHECK(request->spec.hostname == "box");
    CHECK(request->spec.process->args == std::vector<std::string>{"true"});
    CHECK(request->labels == Json{{"a", "1"}});
    CHECK(request->resources.pids_limit == 7);
    CHECK(*request->limits == Json{{"pids", {{"limit", 7}}}});
    CHECK(*request->record == Json{{"version", 1}});
  }
}

TEST_CASE("the same text is read once, and what a container makes of it is its own") {
  CreateTemplates templates;
  const std::string text = CommonPart().dump();
  const auto first = templates.Read(text);
  REQUIRE(first.ok());
  std::vector<UniqueFd> none;
  auto request = ParseCreateRequest(OwnPart(), {}, &none, first->get());
  REQUIRE(request.ok());
  request->spec.process->args = {"changed"};
  const auto second = templates.Read(std::string(text));
  REQUIRE(second.ok());
  CHECK(second->get() == first->get());
  CHECK((*second)->spec.process->args == std::vector<std::string>{"true"});
  const auto other = templates.Read(CommonPart("fals").dump());
  REQUIRE(other.ok());
  CHECK((*other)->spec.process->args == std::vector<std::string>{"fals"});
}

TEST_CASE("few are kept, those that came last, and none that is large") {
  CreateTemplates templates;
  const auto text = [](int i) { return CommonPart(std::to_string(i)).dump(); };
  const auto first = templates.Read(text(0));
  for (int i = 1; i < 4; ++i) REQUIRE(templates.Read(text(i)).ok());
  CHECK(templates.Read(text(0))->get() == first->get());
  REQUIRE(templates.Read(text(4)).ok());
  CHECK(templates.Read(text(0))->get() == first->get());
  for (int i = 1; i < 5; ++i) REQUIRE(templates.Read(text(i)).ok());
  CHECK(templates.Read(text(0))->get() != first->get());
  const std::string large = CommonPart(std::string(100'000, 'x')).dump();
  const auto once = templates.Read(large);
  CHECK(templates.Read(large)->get() != once->get());
}

TEST_CASE("a second line that is no object, or no specification, is refused each time it comes") {
  CreateTemplates templates;
  for (const char* text : {"", " ", "{", "[]", "7", "null", "{}\n{}"}) CHECK(templates.Read(text).failure().error == EINVAL);
  const std::string unknown = R"({"spec":{"linux":{"namespaces":[{"type":"?"}]}}})";
  for (int i = 0; i < 2; ++i) CHECK(templates.Read(unknown).failure().step == "parse namespace");
}

TEST_CASE("only a create has two lines, and white space within one message is none of them") {
  CHECK(ReadRequest("{\"op\":\"kill\"}\n{}").message.is_discarded());
  CHECK(ReadRequest("{\n\"op\":\n\"create\"\n}").message.is_object());
  CHECK(ReadRequest("{\n\"op\":\n\"create\"\n}").common.data() == nullptr);
  CHECK(ReadRequest("\n{\"op\":\"create\"}").message.is_object());
  CHECK(ReadRequest("[]\n{}").message.is_discarded());
  CHECK(ReadRequest("").message.is_discarded());
  CHECK(ReadRequest(OwnPart().dump()).common.data() == nullptr);
  const std::string alone = OwnPart().dump() + "\n";
  CHECK(ReadRequest(alone).common.data() != nullptr);
  CHECK(ReadRequest(alone).common.empty());
}
