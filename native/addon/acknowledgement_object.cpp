#include "addon/acknowledgement_object.h"

#include "addon/errors.h"
#include "addon/values.h"
#include "codec/locate.h"

namespace addon {

void describe_acknowledgement(napi_env env, napi_value target, const kernel::Acknowledgement& acknowledgement,
                              const netlink::MessageType* type, std::span<const uint8_t> message) {
  std::string attribute;
  std::string missing;
  if (type != nullptr) {
    if (acknowledgement.offset) attribute = netlink::locate(*type, message, *acknowledgement.offset);
    if (acknowledgement.missing_type) {
      missing = netlink::locate_missing(*type, message, acknowledgement.missing_nest.value_or(0),
                                        static_cast<uint16_t>(*acknowledgement.missing_type));
    }
  }
  set(env, target, "errno", number(env, acknowledgement.error));
  set(env, target, "code", text(env, error_code(acknowledgement.error)));
  set(env, target, "text", text(env, acknowledgement.text));
  set(env, target, "attribute", text(env, attribute));
  set(env, target, "missing", text(env, missing));
}

}  // namespace addon
