# shellcheck shell=bash
# What guests are told about themselves: files served by an apache2 of each network, and passwords by a small server beside it.

metadata_server_directory() {
  echo "$(network_directory)/apache2"
}

save_vm_data() {
  require network-id ip
  load_state
  take_lock
  log "$command: ${option[ip]}"
  local file directory status=0
  directory=$(network_directory)
  file=$(mktemp /tmp/baseline-vm-data-XXXXXX)
  decoded_option vm-data >"$file"
  mkdir -p "$directory/metadata"
  touch "$directory/passwords"
  python3 -B "$parts/vm_data.py" "$directory" "${option[ip]}" "$file" || status=$?
  rm -f "$file"
  [ "$status" -eq 0 ] || fail "$command: the data of ${option[ip]} could not be kept"
  serve_metadata
  serve_passwords
}

write_metadata_configuration() {
  local directory modules
  directory=$(metadata_server_directory)
  modules=$(dirname "$(find /usr/lib/apache2 /usr/lib64/httpd -name mod_cgi.so 2>/dev/null | head -n 1)")
  mkdir -p "$directory"
  cp "$parts/metadata-answer.sh" "$directory/answer"
  chmod +x "$directory/answer"
  cat >"$directory/apache2.conf" <<END
ServerRoot $directory
ServerName metadata-$network_id
PidFile $directory/apache2.pid
Mutex sem
Listen $extension_ip:80
User nobody
Group nogroup
StartServers 1
MinSpareServers 1
MaxSpareServers 2
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule alias_module $modules/mod_alias.so
LoadModule cgi_module $modules/mod_cgi.so
ErrorLog $log_directory/apache2-$network_id.log
ScriptAlias / $directory/answer/
<Directory $directory>
  Options +ExecCGI
  Require all granted
</Directory>
END
  log "$command: wrote $directory/apache2.conf"
}

serve_metadata() {
  local server directory
  directory=$(metadata_server_directory)
  server=$(command -v apache2 || command -v httpd) || fail "$command: there is no apache2 on this host"
  write_metadata_configuration
  if program_runs "$directory/apache2.pid"; then
    log "$command: apache2 $(cat "$directory/apache2.pid") reads its configuration again"
    stay_behind inside "$server" -f "$directory/apache2.conf" -k graceful || log "$command: apache2 did not"
  else
    log "$command: starting apache2 in $namespace"
    stay_behind inside "$server" -f "$directory/apache2.conf" -k start || fail "$command: apache2 does not start"
  fi
  ensure_rule filter INPUT -s "$cidr" -p tcp --dport 80 -j ACCEPT
}

serve_passwords() {
  local directory
  directory=$(network_directory)
  if program_runs "$directory/passwd-server.pid"; then
    log "$command: the password server runs ($(cat "$directory/passwd-server.pid"))"
  else
    log "$command: starting the password server in $namespace"
    leave_behind python3 -B "$parts/password_server.py" "$extension_ip" "$directory/passwords" "$directory/passwd-server.pid"
  fi
  ensure_rule filter INPUT -s "$cidr" -p tcp --dport 8080 -j ACCEPT
}
