# shellcheck shell=bash
# DHCP, DNS and metadata of all guests of a network, in one call.

restore_network() {
  require network-id
  load_state
  take_lock
  log "$command: network $network_id in $namespace"
  local file directory enabled
  directory=$(network_directory)
  file=$(mktemp /tmp/baseline-restore-XXXXXX)
  decoded_option restore-data >"$file"
  mkdir -p "$directory/metadata" "$(dnsmasq_directory)"
  touch "$directory/passwords"
  # Prints which services are to run.
  enabled=$(python3 -B "$parts/restore.py" "$directory" "$file" "$extension_ip") || enabled=
  rm -f "$file"
  [ -n "$enabled" ] || fail "$command: the guests' data could not be kept"
  case $enabled in
  *dns*) write_dnsmasq_configuration 53 ;;
  *dhcp*) write_dnsmasq_configuration 0 ;;
  esac
  case $enabled in
  *dns* | *dhcp*) serve_names ;;
  esac
  case $enabled in
  *userdata*)
    serve_metadata
    serve_passwords
    ;;
  esac
}
