// The program CloudStack calls over SSH as <ext>-wrapper.sh: hands its call to the daemon and copies back what the
// daemon answers. Every call pays for starting this program, so it is static, small, and does nothing else.

#include <signal.h>

#include "complaint.h"
#include "connection.h"
#include "conversation.h"
#include "patience.h"
#include "places.h"
#include "request.h"

namespace {

// `cloudstack-netns install` and `uninstall` recognise this program by these words, whatever it is called.
[[gnu::used, gnu::retain]] const char kMark[] = "@cloudstack-netns native client@";

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);  // a caller that went away must not keep us from reading how the command ended
  client::Request request = client::EncodeRequest(argc, argv);

  long deadline = client::NowMs() + client::kStartDeadlineMs;
  client::Pause pause;
  for (bool repeated = false;;) {
    client::Answer answer = client::Converse(client::ConnectToDaemon(), request);
    switch (answer.kind) {
      case client::Answer::Kind::kExit:
        return answer.exit_code;
      case client::Answer::Kind::kNotTaken:
        // It is stopping or being restarted, or dying with its socket still open.
        if (client::NowMs() >= deadline) client::Fail("the daemon keeps going away before it takes the call");
        pause.Take();
        continue;
      case client::Answer::Kind::kNothing:
        // It probably died at work. Once more does no harm, commands are idempotent; twice would hide a crash.
        client::OutcomeIsUnknown();
        if (repeated) client::Fail("the daemon closed the connection twice without an answer");
        repeated = true;
        deadline = client::NowMs() + client::kStartDeadlineMs;
        continue;
      case client::Answer::Kind::kCutOff:
        client::OutcomeIsUnknown();
        client::Fail("the connection to the daemon was lost during its answer");
      case client::Answer::Kind::kNotOurs:
        client::OutcomeIsUnknown();
        client::Fail("the daemon's answer is not understood (are client and daemon of one version?)");
      case client::Answer::Kind::kOutputFailed:
        client::Complain("the command ended with exit code %d, but its output could not be written", answer.exit_code);
        return answer.exit_code != 0 ? answer.exit_code : client::kFailure;
    }
  }
}
