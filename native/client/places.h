// Where the client finds the daemon. Fixed when the client is compiled: it runs as root on every SSH call, so neither
// environment nor configuration may point it at another program. The tests compile a client of their own (-D).
#pragma once

#ifndef CLOUDSTACK_NETNS_RUN_DIR
#define CLOUDSTACK_NETNS_RUN_DIR "/run/cloudstack-netns"
#endif
#ifndef CLOUDSTACK_NETNS_LIB_DIR
#define CLOUDSTACK_NETNS_LIB_DIR "/usr/lib/cloudstack-netns"
#endif

namespace client {

inline constexpr char kRunDirectory[] = CLOUDSTACK_NETNS_RUN_DIR;
inline constexpr char kSocket[] = CLOUDSTACK_NETNS_RUN_DIR "/daemon.sock";
// Locked by whoever starts a daemon; the daemon inherits the descriptor, so it stays locked for as long as that daemon
// lives.
inline constexpr char kLock[] = CLOUDSTACK_NETNS_RUN_DIR "/daemon.lock";
// What a daemon that was started by a client says on standard error: why it could not start, or how it crashed.
inline constexpr char kDaemonStderr[] = CLOUDSTACK_NETNS_RUN_DIR "/daemon.stderr";
inline constexpr char kNode[] = CLOUDSTACK_NETNS_LIB_DIR "/node";
inline constexpr char kDaemonScript[] = CLOUDSTACK_NETNS_LIB_DIR "/cloudstack-netns.js";

inline constexpr long kStartDeadlineMs = 10'000;

}  // namespace client
