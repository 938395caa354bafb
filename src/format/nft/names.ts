/** Names nft has for numbers (`nft describe`), used when `FormatOptions.names` is set. A number without a name is printed as one. */

type Names = Readonly<Record<number, string>>;

/** IANA's protocols as Debian's /etc/protocols spells them; nft prints, and takes, what that file of its host says. */
export const protocols: Names = {
  0: 'ip',
  1: 'icmp',
  2: 'igmp',
  3: 'ggp',
  4: 'ipencap',
  5: 'st',
  6: 'tcp',
  8: 'egp',
  9: 'igp',
  12: 'pup',
  17: 'udp',
  20: 'hmp',
  22: 'xns-idp',
  27: 'rdp',
  29: 'iso-tp4',
  33: 'dccp',
  36: 'xtp',
  37: 'ddp',
  38: 'idpr-cmtp',
  41: 'ipv6',
  43: 'ipv6-route',
  44: 'ipv6-frag',
  45: 'idrp',
  46: 'rsvp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  57: 'skip',
  58: 'ipv6-icmp',
  59: 'ipv6-nonxt',
  60: 'ipv6-opts',
  73: 'rspf',
  81: 'vmtp',
  88: 'eigrp',
  89: 'ospf',
  93: 'ax.25',
  94: 'ipip',
  97: 'etherip',
  98: 'encap',
  103: 'pim',
  108: 'ipcomp',
  112: 'vrrp',
  115: 'l2tp',
  124: 'isis',
  132: 'sctp',
  133: 'fc',
  135: 'mobility-header',
  136: 'udplite',
  137: 'mpls-in-ip',
  138: 'manet',
  139: 'hip',
  140: 'shim6',
  141: 'wesp',
  142: 'rohc',
  143: 'ethernet',
  262: 'mptcp',
};

export const icmpTypes: Names = {
  0: 'echo-reply',
  3: 'destination-unreachable',
  4: 'source-quench',
  5: 'redirect',
  8: 'echo-request',
  9: 'router-advertisement',
  10: 'router-solicitation',
  11: 'time-exceeded',
  12: 'parameter-problem',
  13: 'timestamp-request',
  14: 'timestamp-reply',
  15: 'info-request',
  16: 'info-reply',
  17: 'address-mask-request',
  18: 'address-mask-reply',
};

export const icmpCodes: Names = {
  0: 'net-unreachable',
  1: 'host-unreachable',
  2: 'prot-unreachable',
  3: 'port-unreachable',
  4: 'frag-needed',
  9: 'net-prohibited',
  10: 'host-prohibited',
  13: 'admin-prohibited',
};

export const icmpv6Types: Names = {
  1: 'destination-unreachable',
  2: 'packet-too-big',
  3: 'time-exceeded',
  4: 'parameter-problem',
  128: 'echo-request',
  129: 'echo-reply',
  130: 'mld-listener-query',
  131: 'mld-listener-report',
  132: 'mld-listener-done',
  133: 'nd-router-solicit',
  134: 'nd-router-advert',
  135: 'nd-neighbor-solicit',
  136: 'nd-neighbor-advert',
  137: 'nd-redirect',
  138: 'router-renumbering',
  141: 'ind-neighbor-solicit',
  142: 'ind-neighbor-advert',
  143: 'mld2-listener-report',
};

export const icmpv6Codes: Names = {
  0: 'no-route',
  1: 'admin-prohibited',
  3: 'addr-unreachable',
  4: 'port-unreachable',
  5: 'policy-fail',
  6: 'reject-route',
};

/** NFT_REJECT_ICMPX_* of linux/netfilter/nf_tables.h. */
export const icmpxCodes: Names = {
  0: 'no-route',
  1: 'port-unreachable',
  2: 'host-unreachable',
  3: 'admin-prohibited',
};

/** NF_CT_STATE_BIT of linux/netfilter/nf_tables.h. */
export const connectionStates: Names = { 1: 'invalid', 2: 'established', 4: 'related', 8: 'new', 64: 'untracked' };

/** IPS_* of linux/netfilter/nf_conntrack_common.h. */
export const connectionStatuses: Names = {
  1: 'expected',
  2: 'seen-reply',
  4: 'assured',
  8: 'confirmed',
  16: 'snat',
  32: 'dnat',
  512: 'dying',
};

/** RFC 9293. */
export const tcpFlags: Names = { 1: 'fin', 2: 'syn', 4: 'rst', 8: 'psh', 16: 'ack', 32: 'urg', 64: 'ecn', 128: 'cwr' };

export const directions: Names = { 0: 'original', 1: 'reply' };

/** PACKET_* of linux/if_packet.h. */
export const packetTypes: Names = { 0: 'host', 1: 'broadcast', 2: 'multicast', 3: 'other' };

/** NFPROTO_* of linux/netfilter.h. */
export const families: Names = { 2: 'ipv4', 10: 'ipv6' };

/** ETH_P_* of linux/if_ether.h. */
export const etherTypes: Names = { 2048: 'ip', 2054: 'arp', 34525: 'ip6', 33024: '8021q', 34984: '8021ad' };

/** RTN_* of linux/rtnetlink.h. */
export const addressTypes: Names = {
  0: 'unspec',
  1: 'unicast',
  2: 'local',
  3: 'broadcast',
  4: 'anycast',
  5: 'multicast',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
};

/** ARPHRD_* of linux/if_arp.h. */
export const linkTypes: Names = { 1: 'ether', 512: 'ppp', 768: 'ipip', 769: 'ipip6', 772: 'loopback', 776: 'sit' };
