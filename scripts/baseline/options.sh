# shellcheck shell=bash
# What the caller said: --name value pairs, and the two JSON objects that every call ends with.

declare -A option=()

# The value of a key with a text value. Enough for an object of texts; what follows the object is not looked at.
json_text() {
  echo "$1" | grep -o "\"$2\" *: *\"[^\"]*\"" | cut -d '"' -f 4
}

# vlan://101 is 101.
plain_vlan() {
  echo "$1" | grep -o '[^/]*$'
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
    --*)
      option[${1#--}]=${2:-}
      [ $# -gt 1 ] && shift
      ;;
    esac
    shift
  done
  network_id=${option[network-id]:-}
  vpc_id=${option[vpc-id]:-}
  [ -n "$network_id$vpc_id" ] || fail "$command: --network-id is missing"
  id=${vpc_id:-$network_id}

  local physical=${option[physical-network-extension-details]:-${CS_PHYSICAL_NETWORK_EXTENSION_DETAILS:-}}
  local network=${option[network-extension-details]:-${CS_NETWORK_EXTENSION_DETAILS:-}}
  guest_device=$(json_text "$physical" guest.network.device)
  guest_device=${guest_device:-eth1}
  public_device=$(json_text "$physical" public.network.device)
  public_device=${public_device:-eth1}
  if [ -n "$vpc_id" ]; then
    namespace=cs-vpc-$vpc_id
  else
    namespace=$(json_text "$network" namespace)
    namespace=${namespace:-cs-net-$network_id}
  fi

  vlan=$(plain_vlan "${option[vlan]:-}")
  public_vlan=$(plain_vlan "${option[public-vlan]:-}")
  gateway=${option[gateway]:-}
  cidr=${option[cidr]:-}
  extension_ip=${option[extension-ip]:-}
  public_ip=${option[public-ip]:-}
  private_ip=${option[private-ip]:-}
}

# The value of an option that is base64: inline, or in the file that the option with -file names.
decoded_option() {
  local file=${option[$1-file]:-}
  if [ -n "$file" ]; then
    [ -f "$file" ] || fail "$command: there is no file $file"
    base64 -d "$file"
  else
    printf '%s' "${option[$1]:-}" | base64 -d
  fi
}
