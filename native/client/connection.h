// The way to the daemon, which is started when there is none.
#pragma once

namespace client {

// A connected socket. Fails (exit) when no daemon can be reached or started in time: nothing was sent then.
int ConnectToDaemon();

}  // namespace client
