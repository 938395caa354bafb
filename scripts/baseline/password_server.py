"""password_server.py ADDRESS FILE PID-FILE: CloudStack's password protocol for the guests of one network, on port 8080."""

import http.server
import os
import pathlib
import socketserver
import sys

address, file, pid_file = sys.argv[1:]
passwords = pathlib.Path(file)


class Request(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("DomU_Request", "")
        mine = self.client_address[0] + "="
        lines = passwords.read_text().splitlines()
        answer = "bad_request"
        if asked == "send_my_password":
            answer = next((line[len(mine) :] for line in lines if line.startswith(mine)), "saved_password")
        elif asked == "saved_password":
            passwords.write_text("".join(line + "\n" for line in lines if not line.startswith(mine)))
            answer = "saved_password"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


# Not HTTPServer: that one asks a name server for its own name first.
socketserver.TCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer((address, 8080), Request)
pathlib.Path(pid_file).write_text(str(os.getpid()))
server.serve_forever()
