#include "codec/locate.h"

#include "codec/attributes.h"

namespace netlink {
namespace {

const Schema* inner(const Schema& schema, const Field& field, Bytes siblings) {
  if (field.kind == Kind::object) return field.schema;
  return field.kind == Kind::variant ? select_variant(schema, field, siblings) : nullptr;
}

struct Place {
  std::string path;
  const Schema* schema = nullptr;  // of what lies inside the place, when it is a structure
};

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

Place find(const Schema& schema, Bytes bytes, size_t offset, const std::string& path, int depth);

Place find_in_list(const Field& list, Bytes bytes, size_t offset, const std::string& path, int depth) {
  size_t index = 0;
  Attributes attributes(bytes);
  for (Attribute item; attributes.next(item); index++) {
    const size_t end = item.offset + NLA_HDRLEN + item.payload.size();
    if (offset < item.offset || offset >= end) continue;
    const std::string name = path + "[" + std::to_string(index) + "]";
    if (offset < item.offset + NLA_HDRLEN) return {name, list.item->schema};
    return find(*list.item->schema, item.payload, offset - item.offset - NLA_HDRLEN, name, depth + 1);
  }
  return {path};
}

Place find(const Schema& schema, Bytes bytes, size_t offset, const std::string& path, int depth) {
  const size_t header = header_length(schema);
  if (offset < header) {
    std::string closest;
    for (const HeaderField& field : schema.header) {
      if (field.offset <= offset) closest = field.name;
    }
    return {closest.empty() ? path : join(path, closest)};
  }
  const Bytes siblings = bytes.size() < header ? Bytes{} : bytes.subspan(header);
  Attributes attributes(siblings);
  for (Attribute attribute; attributes.next(attribute);) {
    const size_t start = header + attribute.offset;
    if (offset < start || offset >= start + NLA_HDRLEN + attribute.payload.size()) continue;
    const Field* field = find_field(schema, attribute.type);
    if (field == nullptr) return {join(path, "attribute " + std::to_string(attribute.type))};
    const std::string name = join(path, field->name);
    const Schema* within = inner(schema, *field, siblings);
    if (offset < start + NLA_HDRLEN) return {name, within};
    const size_t rest = offset - start - NLA_HDRLEN;
    if (field->kind == Kind::list) return find_in_list(*field, attribute.payload, rest, name, depth + 1);
    if (within == nullptr || depth >= deepest) return {name};
    return find(*within, attribute.payload, rest, name, depth + 1);
  }
  return {path};
}

Place place(const MessageType& type, Bytes message, uint32_t offset) {
  if (offset < NLMSG_HDRLEN || offset >= message.size()) return {"", type.schema};
  return find(*type.schema, message.subspan(NLMSG_HDRLEN), offset - NLMSG_HDRLEN, "", 0);
}

}  // namespace

std::string locate(const MessageType& type, Bytes message, uint32_t offset) {
  return place(type, message, offset).path;
}

std::string locate_missing(const MessageType& type, Bytes message, uint32_t nest, uint16_t missing) {
  const Place where = place(type, message, nest);
  const Field* field = where.schema == nullptr ? nullptr : find_field(*where.schema, missing);
  return join(where.path, field != nullptr ? field->name : "attribute " + std::to_string(missing));
}

}  // namespace netlink
