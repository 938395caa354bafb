#include "complaint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "transfer.h"

namespace client {
namespace {

constexpr char kPrefix[] = "cloudstack-netns: ";
const char* outcome = "; nothing was changed";

void Say(const char* format, va_list arguments, const char* ending) {
  char text[1024];
  char line[sizeof(kPrefix) + sizeof(text) + 128];
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): both callers start the list; the analyzer does not see it
  if (vsnprintf(text, sizeof(text), format, arguments) < 0) text[0] = '\0';
  int length = snprintf(line, sizeof(line), "%s%s%s\n", kPrefix, text, ending);
  if (length > 0) WriteAll(STDERR_FILENO, line, strlen(line));
}

}  // namespace

void OutcomeIsUnknown() { outcome = "; the outcome is unknown, repeating the command is safe"; }

void Complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Say(format, arguments, "");
  va_end(arguments);
}

void Fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Say(format, arguments, outcome);
  va_end(arguments);
  _exit(kFailure);
}

}  // namespace client
