// The table of messages.
#include <set>

#include "test/check.h"
#include "test/message_builder.h"
#include "test/messages.h"

namespace netlink::test {
namespace {

TEST(messages_are_found_by_name_and_number) {
  CHECK_EQUAL(message("link.new").type, 16);
  CHECK_EQUAL(message("nft.element.new").type, 0x0a0c);
  CHECK_EQUAL(message_type(uint16_t{0x0102})->name, std::string("connection.delete"));
  CHECK(message_type(std::string_view("link")) == nullptr);
  CHECK(message_type(std::string_view("")) == nullptr);
  CHECK(message_type(uint16_t{0}) == nullptr);
  std::set<std::string> names;
  for (const MessageType* type : all_messages()) {
    CHECK(names.insert(type->name).second);
    CHECK(message_type(std::string_view(type->name)) == type);
  }
  CHECK_EQUAL(names.size(), size_t{57});
}

// Two fields of one name or one type would hide each other. Elements are the one pair that shares a type on purpose.
void check_schema(const Schema& schema, std::set<const Schema*>& seen) {
  if (!seen.insert(&schema).second) return;
  std::set<std::string> names;
  std::set<uint16_t> types;
  for (const HeaderField& field : schema.header) {
    CHECK(names.insert(field.name).second);
    CHECK(field.offset + width(field.kind) <= schema.header_size);
  }
  for (const Field& field : schema.fields) {
    if (!names.insert(field.name).second)
      report(__FILE__, __LINE__, std::string(schema.name) + ": twice " + field.name);
    if (field.kind == Kind::elements) continue;
    if (!types.insert(field.type & NLA_TYPE_MASK).second) {
      report(__FILE__, __LINE__, std::string(schema.name) + ": the type of " + field.name + " twice");
    }
    CHECK((field.kind == Kind::object) == (field.schema != nullptr));
    CHECK((field.kind == Kind::list) == (field.item != nullptr));
    CHECK((field.kind == Kind::variant) == (field.selector != nullptr));
    if (field.schema != nullptr) check_schema(*field.schema, seen);
    if (field.item != nullptr) {
      CHECK(field.item->kind == Kind::object);
      check_schema(*field.item->schema, seen);
    }
    for (const Variant& variant : field.variants) check_schema(*variant.schema, seen);
    if (field.kind != Kind::variant) continue;
    bool found = false;
    for (const Field& sibling : schema.fields) found = found || std::string_view(sibling.name) == field.selector;
    CHECK(found);
  }
}

TEST(schemas_are_whole) {
  std::set<const Schema*> seen;
  for (const MessageType* type : all_messages()) check_schema(*type->schema, seen);
  CHECK(seen.size() > 40);
}

}  // namespace
}  // namespace netlink::test
