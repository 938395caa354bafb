# shellcheck shell=bash
# DHCP and DNS for the guests of a network: one dnsmasq each.

dnsmasq_directory() {
  echo "$(network_directory)/dnsmasq"
}

# configure_subnet PORT: of its name service; 0 is none
configure_subnet() {
  require network-id gateway cidr
  load_state
  take_lock
  log "$command: network $network_id, DNS port $1"
  write_dnsmasq_configuration "$1"
  [ "$1" = 0 ] || name_guest "$extension_ip" data-server
  # dnsmasq reads its configuration only when it starts.
  stop_program "$(dnsmasq_directory)/dnsmasq.pid"
  serve_names
}

write_dnsmasq_configuration() {
  local port=$1 directory servers=$extension_ip file
  directory=$(dnsmasq_directory)
  file=$directory/dnsmasq.conf
  mkdir -p "$directory"
  touch "$directory/dhcp-hosts" "$directory/dhcp-opts" "$directory/hosts"
  [ -z "${option[dns]:-}" ] || servers=$servers,${option[dns]}
  # A later call for DHCP alone does not end the name service.
  if [ "$port" = 0 ] && grep -qx port=53 "$file" 2>/dev/null; then port=53; fi
  cat >"$file" <<END
port=$port
user=root
interface=$guest_link
except-interface=lo
bind-interfaces
no-hosts
no-resolv
pid-file=$directory/dnsmasq.pid
dhcp-leasefile=$directory/leases
dhcp-range=$extension_ip,static
dhcp-option=3,$gateway
dhcp-option=6,$servers
dhcp-hostsfile=$directory/dhcp-hosts
dhcp-optsfile=$directory/dhcp-opts
addn-hosts=$directory/hosts
log-facility=$log_directory/dnsmasq-$network_id.log
END
  if [ -n "${option[domain]:-}" ]; then
    echo "domain=${option[domain]}" >>"$file"
    echo "expand-hosts" >>"$file"
  fi
  log "$command: wrote $file"
}

# Starts dnsmasq, or lets the running one read its lists again.
serve_names() {
  local directory
  directory=$(dnsmasq_directory)
  if program_runs "$directory/dnsmasq.pid"; then
    log "$command: dnsmasq $(cat "$directory/dnsmasq.pid") reads its files again"
    inside kill -HUP "$(cat "$directory/dnsmasq.pid")"
  elif [ -f "$directory/dnsmasq.conf" ]; then
    log "$command: starting dnsmasq in $namespace"
    stay_behind inside dnsmasq --conf-file="$directory/dnsmasq.conf" || fail "$command: dnsmasq does not start"
  fi
}

# without FILE TEXT…: takes the lines with any of the texts out of a file
without() {
  local file=$1 text
  shift
  touch "$file"
  for text in "$@"; do
    grep -vF -- "$text" "$file" >"$file.new" || true
    mv "$file.new" "$file"
  done
}

name_guest() {
  local file
  file=$(dnsmasq_directory)/hosts
  mkdir -p "$(dnsmasq_directory)"
  without "$file" "$1 "
  echo "$1 $2" >>"$file"
}

mac_tag() {
  echo "norouter_$(echo "${option[mac]}" | tr ':' '_' | tr '[:upper:]' '[:lower:]')"
}

add_dhcp_entry() {
  require network-id mac ip
  load_state
  take_lock
  log "$command: ${option[mac]} is ${option[ip]}"
  local directory tag line=${option[mac]},${option[ip]}
  directory=$(dnsmasq_directory)
  tag=$(mac_tag)
  mkdir -p "$directory"
  without "$directory/dhcp-hosts" "${option[mac]}," ",${option[ip]},"
  without "$directory/dhcp-opts" "tag:$tag,"
  [ -z "${option[hostname]:-}" ] || line=$line,${option[hostname]}
  if [ "${option[default-nic]:-true}" = false ]; then
    line=set:$tag,$line
    echo "tag:$tag,option:router" >>"$directory/dhcp-opts"
  fi
  echo "$line,infinite" >>"$directory/dhcp-hosts"
  serve_names
}

remove_dhcp_entry() {
  require network-id mac
  load_state
  take_lock
  log "$command: ${option[mac]}"
  local directory
  directory=$(dnsmasq_directory)
  [ -d "$directory" ] || return 0
  without "$directory/dhcp-hosts" "${option[mac]},"
  without "$directory/dhcp-opts" "tag:$(mac_tag),"
  serve_names
}

add_dns_entry() {
  require network-id ip hostname
  load_state
  take_lock
  log "$command: ${option[hostname]} is ${option[ip]}"
  name_guest "${option[ip]}" "${option[hostname]}"
  serve_names
}
