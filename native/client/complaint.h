// One line on standard error that a person can act on.
#pragma once

namespace client {

// Exit code of every failure of the client itself; CloudStack tells only 0 from anything else.
inline constexpr int kFailure = 1;

// Says from now on that the command may have been carried out: the request has reached a daemon that never answered.
void OutcomeIsUnknown();

// Writes "cloudstack-netns: <text>\n" in one write.
[[gnu::format(printf, 1, 2)]] void Complain(const char* format, ...);

// Complains, adds what became of the command (not begun, or unknown), and exits with kFailure.
[[noreturn, gnu::format(printf, 1, 2)]] void Fail(const char* format, ...);

}  // namespace client
