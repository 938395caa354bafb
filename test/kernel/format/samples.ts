// Rulesets the formatter is tried on: scripts for nft, and domains of CloudStack.
import { parseAcl } from '../../../src/model/acl.js';
import { applyChange, change } from '../../../src/model/change.js';
import type { Domain } from '../../../src/model/domain.js';
import { parseFirewall } from '../../../src/model/firewall.js';
import {
  addForward,
  addStaticNat,
  assign,
  domainAfter,
  implement,
  implementTier,
  ipv6Side,
  tierTarget,
} from '../../unit/commands/builders.js';

/** Scripts whose listing we print byte for byte, numeric and with names. */
export const exact: Readonly<Record<string, string>> = {
  'an empty table': 'table ip t { }',
  'comments and a dormant table': `table inet t {
    flags dormant
    comment "whose"
    counter c { comment "what"; packets 3 bytes 200; }
    set s { type ipv4_addr; size 5; comment "why"; }
    chain k { comment "how"; type filter hook input priority 0; policy drop; accept comment "which"; }
  }`,
  'several tables': 'table ip a { }\n table ip6 b { chain c { }; }\n table inet d { }\n table bridge e { }',
  'base chains': `table ip t {
    chain a { type nat hook prerouting priority dstnat; }
    chain b { type nat hook postrouting priority srcnat + 5; policy drop; }
    chain c { type filter hook input priority -5; }
    chain d { type filter hook prerouting priority raw; }
    chain e { type route hook output priority mangle - 1; }
    chain f { type filter hook forward priority security; }
    chain g { type filter hook forward priority 12; }
    chain h { type filter hook postrouting priority 2147483647; }
  }
  table netdev n { chain a { type filter hook ingress device lo priority 1; }; }
  table inet i { chain a { type filter hook ingress device lo priority 0; }; }
  table bridge b { chain a { type filter hook prerouting priority dstnat; }; chain b { type filter hook output priority out; }; }
  table arp r { chain a { type filter hook input priority 3; }; }`,
  'named objects': `table ip t {
    counter c { packets 5 bytes 6; }
    quota q1 { over 1 mbytes; }
    quota q2 { 1048577 bytes used 2048 bytes; }
    limit l1 { rate 5/second; }
    limit l2 { rate over 5 kbytes/minute burst 7000 bytes; }
    limit l3 { rate 1/week burst 9 packets; }
    map hits { type ipv4_addr : counter; elements = { 192.0.2.1 : "c", 192.0.2.2 : "c", 192.0.2.3 : "c" }; }
    chain k { counter name "c" quota name "q1" limit name "l1" counter name ip saddr map @hits; }
  }`,
  'sets of every type': `table ip t {
    set a { type ipv6_addr; elements = { ::1, ::2, fe80::1:0:0:1, ::1.2.3.4, ::ffff:1.2.3.4, 2001:db8::, :: }; }
    set b { type ether_addr; elements = { 00:00:00:00:00:01, 02:00:00:00:00:00, 00:00:00:00:01:00 }; }
    set c { type inet_proto; elements = { 1, 2, 6, 17, 58, 47, 255 }; }
    set d { type icmp_type; elements = { 0, 3, 8, 18, 40 }; }
    set e { type icmpv6_type; elements = { 1, 128, 129, 137, 143, 200 }; }
    set f { type mark; elements = { 1, 2, 3, 256, 0x01000000, 0xfedcba98 }; }
    set g { type iface_index; elements = { lo, 2, 256, 65536, 7, 8 }; }
    set h { type ifname; elements = { "a", "b", "ab", "ba", "eth0", "eth1", "lo" }; }
    set i { type inet_service; elements = { 0, 1, 22, 80, 256, 443, 65535 }; }
    set j { type ipv4_addr; elements = { 1.2.3.4, 4.3.2.1, 10.0.0.1, 10.0.0.2, 192.0.2.1 }; }
    set k { type inet_service; flags constant; elements = { 5, 6 }; }
    set empty { type ipv4_addr . inet_service; }
  }`,
  'sets of intervals': `table ip t {
    set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1, 192.0.2.3-192.0.2.9, 255.255.255.0/24, 0.0.0.0/8 }; }
    set b { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 }; }
    set c { type ipv6_addr; flags interval; elements = { 2001:db8::/32, fe80::1-fe80::7, ffff::/16, ::1 }; }
    set d { type inet_service; flags interval; elements = { 0-1, 22, 1000-2000, 65000-65535 }; }
    set e { type mark; flags interval; elements = { 0xff-0x100, 0x200-0x3ff, 0x1000-0x2fff }; }
    set f { type ifname; flags interval; elements = { "a", "ab", "b", "eth*" }; }
    set g { type ether_addr; flags interval; elements = { 00:00:00:00:00:01-00:00:00:00:00:02, 02:00:00:00:00:00 }; }
    map h { type ipv4_addr : mark; flags interval; elements = { 10.0.0.0/24 : 1, 10.0.1.0/24 : 2, 224.0.0.0/3 : 3 }; }
    map i { type ipv4_addr : ipv4_addr; flags interval; elements = { 1.2.3.4 comment "one" : 1.1.1.1, 1.2.3.8/31 comment "two" : 1.1.1.2 }; }
    chain c { }
    map v { type ipv4_addr : verdict; flags interval; elements = { 10.0.0.0/24 : jump c, 10.0.2.0/23 : goto c, 255.0.0.0/8 : drop }; }
    set empty { type inet_service; flags interval; }
  }`,
  'concatenated intervals': `table ip t {
    set a { type ipv4_addr . inet_service; flags interval; elements = { 0.0.0.0/0 . 0-65535 }; }
    set b { type ipv4_addr . inet_proto . inet_service; flags interval; elements = { 1.2.3.0/24 . tcp . 80-90 }; }
    set c { type ipv4_addr . mark; flags interval; elements = { 1.2.3.4 . 255-256 }; }
    set d { type ifname . ipv4_addr; flags interval; elements = { "eth0" . 10.0.0.0/16 }; }
    map e { type ipv4_addr . inet_service : ipv4_addr; flags interval; elements = { 1.2.3.4-1.2.3.6 . 5 comment "c" : 1.1.1.1 }; }
    map f { type ipv4_addr . inet_service : verdict; flags interval; elements = { 10.0.0.0/24 . 80-90 : accept }; }
    set g { type ipv6_addr . inet_service; flags interval; elements = { fe80::/10 . 1 }; }
  }`,
  concatenations: `table ip t {
    set a { type ipv4_addr . inet_service . ifname; elements = { 1.2.3.4 . 80 . "a", 1.2.3.5 . 80 . "a", 1.2.3.4 . 81 . "a", 1.2.3.4 . 80 . "ab", 4.3.2.1 . 80 . "b" }; }
    set b { type mark . inet_proto . ether_addr . ipv4_addr; elements = { 1 . 6 . 00:00:00:00:00:01 . 1.2.3.4, 256 . 6 . 00:00:00:00:01:00 . 1.2.3.4, 256 . 17 . 00:00:00:00:00:01 . 4.3.2.1 }; }
    map c { type ipv4_addr . icmp_type : ipv4_addr . inet_service; elements = { 1.2.3.4 . echo-request comment "ping" : 1.1.1.1 . 80 }; }
    map d { type ifname : mark; elements = { "eth0" : 7 }; }
    map e { type inet_service : verdict; elements = { 1 : drop, 2 : accept, 3 : return, 4 : continue, 5 : drop, 6 : drop, 300 : drop }; }
  }`,
  'rules of IPv4': `table ip t {
    set p { type inet_service; }
    set hosts { type ipv4_addr; flags interval; }
    map m { type ipv4_addr : mark; }
    chain d { }
    chain c {
      ip protocol tcp tcp dport 80
      meta protocol ip ip saddr 1.2.3.4
      meta l4proto tcp iifname "x" tcp dport 80
      meta l4proto tcp limit rate 5/second tcp dport 80
      meta l4proto tcp log tcp dport 80
      meta l4proto tcp meta mark set 5 tcp dport 80
      ct state established,related accept comment "known"
      ct state ! established,related
      ct state == established
      ct state != established
      ct state { new, established }
      ct state vmap { established : accept, related : accept, new : jump d }
      ct state & (established|related) == (established|related)
      ct status dnat,snat
      ct status ! dnat
      ct status & dnat == dnat
      tcp flags ! syn
      tcp flags & (syn|ack) == syn
      tcp flags & (syn|ack) != syn
      tcp flags == syn|ack
      tcp flags != syn
      meta l4proto != tcp
      meta l4proto { tcp, udp } th dport @p
      meta l4proto != { tcp, udp } accept
      meta l4proto vmap { tcp : jump d, udp : accept }
      th dport @p
      th dport 10-20 accept
      tcp dport { 1-5, 9, 65535 }
      tcp dport != 10-20
      tcp dport > 5 tcp dport <= 9
      tcp dport >= 5 tcp dport <= 9
      udp dport != 53
      udp length 5
      sctp sport 5
      tcp sport 1 tcp dport 2 counter accept
      icmp type echo-request icmp code 3 accept
      icmp type { echo-request, echo-reply }
      ip daddr . icmp type . icmp code . ip saddr { 1.2.3.4 . 8 . 0 . 1.2.3.4 }
      iifname . ip saddr { "lo" . 1.2.3.4 }
      ip daddr . meta l4proto . th dport { 1.2.3.4 . 6 . 80, 1.2.3.4 . 17 . 53 }
      ip saddr @hosts ip daddr != @hosts
      ip saddr 0.0.0.0/0 ip daddr 255.255.255.255
      ip saddr 10.0.0.0/8 ip saddr 10.4.0.0/16 ip saddr 10.4.5.0/24 ip saddr 10.4.5.128/25
      ip saddr != 1.2.3.0/24 ip daddr != 1.2.3.4/31
      ip saddr 1.2.3.4 ip daddr 1.2.3.5
      ip daddr 10.0.0.0-10.0.0.255
      ip daddr != 10.0.0.0-10.0.0.255
      ip daddr & 255.0.255.0 == 10.0.3.0
      ip dscp 5 ip dscp != 6 ip dscp { 5, 6 }
      ip ecn 1 ip version 4 ip hdrlength 5
      ip ttl >= 5 ip ttl <= 9
      ip length 20 ip id 4
      ip frag-off & 0x1fff != 0
      ip protocol 47 ip checksum 5
      meta mark & 0xff != 0x1
      meta mark & 0xff00 == 0x100
      meta mark | 0xff == 1
      meta mark & 0xffff0000 == 0x10000 ct mark & 0xfffffffe != 6
      meta mark > 4
      meta mark 1-5
      meta mark set 5
      meta mark set ct mark
      meta mark set ct mark & 0xff
      meta mark set meta mark xor 0xff or 0xf
      meta mark set meta mark << 8
      meta mark set ip saddr map @m
      meta mark set ip saddr map { 1.2.3.4 : 5 }
      ct mark set meta mark | 5
      ct mark 5 ct mark & 0xf == 1
      ct zone set 5
      ct zone 5
      ct protocol tcp ct direction original
      ct packets > 5 ct original bytes 5
      ct expiration 90061s
      ct original ip saddr 1.2.3.4
      meta l4proto tcp ct original proto-dst 5
      meta length 20-50 meta cpu 1 meta pkttype host
      meta skuid { 0, 5 } meta skgid != 5
      meta priority 1:2 meta priority none meta priority root
      meta priority set 5
      meta nftrace set 1 meta pkttype set 1
      meta iiftype ether meta oiftype != loopback
      iif lo oif != lo iifname "lo*" oifname != "e*" iifname "a\\*"
      iifgroup 0 oifgroup 7
      fib daddr type local
      fib daddr . iif type != { local, broadcast }
      fib saddr . iif oif 0
      fib saddr oifname "lo"
      ip saddr set 1.2.3.4
      tcp dport set 80
      limit rate 10 kbytes/second
      limit rate over 10/second burst 20 packets
      limit rate 1023 bytes/second burst 1024 bytes
      log prefix "a b" group 5 snaplen 80 queue-threshold 3
      log flags all level debug
      log flags tcp sequence,options flags skuid
      log level emerg
      log level audit
      log level warn
      reject
      reject with icmp host-prohibited
      tcp dport 5 reject with tcp reset
      meta l4proto tcp reject with tcp reset
      ct l3proto ipv4
      notrack
      jump d
      goto d
      return
    }
    chain nat { type nat hook postrouting priority 100;
      masquerade
      masquerade fully-random,persistent
      ip protocol tcp masquerade to :1024-2000 random
      snat to 1.2.3.4
      ip protocol tcp snat to 1.2.3.4-1.2.3.9:10-20 random,persistent
    }
    map forwards { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
    map addresses { type ipv4_addr : ipv4_addr; }
    chain pre { type nat hook prerouting priority -100;
      dnat ip to ip daddr . meta l4proto . th dport map @forwards
      dnat to ip daddr map @addresses
      dnat to ip daddr map { 1.2.3.4 : 10.0.0.1 }
      tcp dport 80 dnat to 1.2.3.4:80
      meta l4proto tcp dnat to :8080
      dnat to tcp dport map { 80 : 10.0.0.1 }
      redirect
      meta l4proto tcp redirect to :80-90 random
    }
  }`,
  'rules of both families': `table inet t {
    chain c {
      meta l4proto tcp counter tcp dport 80
      ip protocol tcp tcp dport 80
      meta l4proto tcp ip saddr 1.2.3.4 tcp dport 80
      meta l4proto tcp ip6 saddr fe80::1 tcp dport != 80 tcp sport 4
      meta nfproto ipv4 ip saddr 1.2.3.4
      meta nfproto ipv4 meta l4proto tcp accept
      meta nfproto ipv6 tcp dport 80
      meta nfproto ipv4 counter
      ip saddr { 1.2.3.4, 10.0.0.0/8 } tcp dport { 1-5, 9 } accept
      ip saddr . tcp dport { 1.2.3.4 . 80 } accept
      ip6 saddr . tcp dport { fe80::1 . 80 } accept
      icmp type { 8, 0 } accept
      icmpv6 type echo-request accept
      icmpv6 code admin-prohibited
      meta l4proto icmp ip saddr . icmp type { 1.2.3.4 . 8 }
      ip6 saddr 2001:db8::/32 ip6 daddr 2001:db8::/33 ip6 nexthdr 6 ip6 hoplimit < 5
      ether saddr 00:01:02:03:04:05 accept
      ip dscp 5 ip version 4
      reject
      reject with icmp port-unreachable
      reject with icmpv6 no-route
      reject with icmpx host-unreachable
      tcp dport 5 reject with tcp reset
      udp dport 53 ip saddr 10.0.0.0/8 accept
    }
    chain d { type nat hook prerouting priority -100;
      dnat ip to ip daddr map { 1.2.3.4 : 10.0.0.1 }
      tcp dport 80 dnat ip to 1.2.3.4:80
      dnat ip6 to fe80::1
      tcp dport 80 dnat ip6 to [fe80::1]:80
      tcp dport 80 dnat ip6 to [fe80::1]-[fe80::2]:80-90
      dnat ip to ip daddr . tcp dport map { 1.2.3.4 . 80 : 10.0.0.1 . 80 }
    }
  }
  table ip6 f {
    chain c {
      ip6 saddr fe80::/10 icmpv6 type echo-request icmpv6 code 1
      ip6 saddr fe80::/16 accept
      meta l4proto ipv6-icmp reject
      reject with icmpv6 addr-unreachable
    }
  }
  table netdev n { chain c { meta protocol ip ip saddr 1.2.3.4 accept\n ip6 saddr fe80::1; }; }
  table bridge b { chain c { ip saddr 1.2.3.4\n ether type ip6 accept\n ether daddr 00:00:00:00:00:01; }; }`,
};

/** What a domain gets from no command yet. */
function closed(domain: Domain, networkId: string, firewall: string, acl = ''): Domain {
  const rules = firewall === '' ? undefined : parseFirewall(firewall);
  const list = acl === '' ? undefined : parseAcl(acl);
  if (rules === undefined && list === undefined) throw new Error(`not understood: ${firewall}${acl}`);
  const edits = [...change(domain, 'firewall', networkId, rules), ...change(domain, 'acl', networkId, list)];
  for (const edit of edits) applyChange(domain, edit);
  return domain;
}

const many = (line: (number: number) => string) => Array.from({ length: 12 }, (_, index) => line(index)).join('\n');

/** Domains whose tables we print. */
export const domains: Readonly<Record<string, () => Domain>> = {
  'an isolated network': () =>
    domainAfter(
      implement(),
      assign('203.0.113.10', { sourceNat: true }),
      assign('203.0.113.11'),
      addStaticNat('203.0.113.11', '10.1.1.11'),
      addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'),
      addForward('tcp 203.0.113.10:2223', '10.1.1.11:22'),
      addForward('udp 203.0.113.10:53', '10.1.1.10:53'),
      addForward('tcp 203.0.113.10:8000-8009', '10.1.1.10:8000-8009'),
    ),
  'a VPC': () =>
    domainAfter(
      implementTier(1),
      implementTier(2),
      assign('203.0.113.10', { sourceNat: true, target: tierTarget(1) }),
      assign('203.0.113.11', { target: tierTarget(2) }),
    ),
  'a dual-stack network': () =>
    closed(
      domainAfter(implement({ ipv6: ipv6Side('2001:db8:1') }), assign('203.0.113.10', { sourceNat: true })),
      '42',
      `default-egress deny
${many((n) => `ingress 203.0.113.10 tcp ${80 + n} from 2001:db8:f::/48`)}
${many((n) => `ingress 203.0.113.10 tcp ${1000 * n + 1000}-${1000 * n + 1010} from 2001:db8:${n}::/64`)}
${many((n) => `ingress 203.0.113.10 icmp ${128 + n}/0 from 2001:db8:f::9/128`)}
ingress 203.0.113.10 icmp 8 from any
ingress 203.0.113.10 icmpv6 129/0 from 2001:db8:f::/49
ingress 203.0.113.10 tcp 7000-7009 from ::/0
${many((n) => `egress udp ${n + 1} from 2001:db8:1::/64 to 2001:db8:${n}::/52`)}
egress all from 2001:db8:1::/64 to ::/0
`,
    ),
  'a dual-stack tier': () =>
    closed(
      domainAfter(implementTier(1, { ipv6: ipv6Side('2001:db8:1') }), implementTier(2)),
      '51',
      '',
      `1 allow ingress tcp 22 from 2001:db8:f::/64
${many((n) => `2 deny ingress udp ${n + 1}-${n + 20} from 2001:db8:${n}::/64`)}
3 allow egress all to any
`,
    ),
  'a firewall': () =>
    closed(
      domainAfter(implement(), assign('203.0.113.10', { sourceNat: true })),
      '42',
      `default-egress deny
${many((n) => `ingress 203.0.113.10 tcp ${80 + n} from 0.0.0.0/0`)}
${many((n) => `ingress 203.0.113.10 tcp ${1000 * n + 1000}-${1000 * n + 1010} from 198.51.${n}.0/24`)}
${many((n) => `ingress 203.0.113.10 icmp ${n}/0 from 198.51.100.0/24`)}
egress all from 10.1.1.0/24 to 0.0.0.0/0
egress tcp 80 from 10.1.1.0/24 to 198.51.100.0/25
`,
    ),
  'an access list': () => {
    const domain = domainAfter(implementTier(1), assign('203.0.113.10', { sourceNat: true, target: tierTarget(1) }));
    return closed(
      domain,
      '51',
      '',
      `${many((n) => `${n + 1} ${n % 3 === 0 ? 'deny' : 'allow'} ingress tcp ${n + 1}-${n + 20} from 198.51.${n}.0/24`)}
${many((n) => `${n + 20} allow ingress udp ${n + 1} from 198.51.100.0/24`)}
40 allow egress icmp to any
41 deny egress tcp to 198.51.100.0/24,198.51.101.0/24
`,
    );
  },
};
