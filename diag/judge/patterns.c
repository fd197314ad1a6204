/*
 * patterns: which sentences a finding gets, where those of cause.def do not fit: one cause, but
 * somebody else has to act, or elsewhere.
 */
#include "diag/base/addr.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

/* The service is there and genuine: its network rules are to be changed, nothing on the way. */
static bool refuses_us(enum cause cause, const struct step *s)
{
    const struct app_detail *a = step_app(s);

    return cause == CAUSE_APP_REFUSED && a != NULL && a->refuses_us;
}

/* DNS64 made that address, so that a NAT64 translator stands on the way to it (RFC 6146, 6147). */
static bool is_translated(const struct judge *j, const struct step *s)
{
    struct addr a;

    return s != NULL && s->step == STEP_CONNECT && s->address != NULL && !is_own(j, s) &&
           addr_parse_port(s->address, 0, &a) && addr_translated(&a, &a);
}

bool is_portal_page(const struct cell *c, enum cause cause, const struct step *s)
{
    return cause == CAUSE_APP_REFUSED && c != NULL && portal_of(c, s) != NULL;
}

bool is_one_certificate(const struct cell *c, enum cause cause)
{
    return cause == CAUSE_CERT_NAME_MISMATCH && c != NULL && c->box != NULL;
}

bool is_own_certificate(const struct cell *c, enum cause cause, const char *at)
{
    return cause == CAUSE_CERT_SELF_SIGNED && c != NULL && same_text(at, "endpoint") &&
           name_is_public(c->result->of_endpoint);
}

/* What the one who has to act reads, where the proxy before the dead one spoke. */
static const char down_explanation[] =
    "The proxy {hop} answers that it cannot get any further on {leg}. {detail}. The sensor's own "
    "connection to the next station's port is refused too: the machine is up, and no proxy "
    "listens there.";
static const char down_remedy[] =
    "Start the proxy at the far end of {leg} and check that it listens on port {port} (on its "
    "machine: systemctl status squid, ss -ltn); then re-test. If it runs, compare that address "
    "and port with what {hop} is told (Squid: cache_peer).";

/* "unreachable", "prohibit" or "blackhole": the type of a route that refuses (ip-route(8)). */
const char *refusing_route(const struct step *s)
{
    const struct tcp_detail *t = step_tcp(s);
    const struct dns_detail *d = step_dns(s);
    const char *route = t != NULL ? t->route : d != NULL ? d->route : NULL;

    return same_text(route, "unreachable") || same_text(route, "prohibit") ||
                   same_text(route, "blackhole")
               ? route
               : NULL;
}

/* The network is right, and the limit may be in nobody's way; who has to know is told where. */
static const char limit_explanation[] =
    "{endpoint} works, but not together with the others: {detail}. It may be a limit of "
    "new connections in a second, of connections of one machine, or of NAT ports. A sensor opens "
    "fewer at the same time than this test, and may never meet it.";
static const char limit_remedy[] =
    "On {leg}: find the limit (firewall or IPS: rate and number of connections of one source; "
    "NAT: ports and table size) and raise it where the sensor shares it with other machines. To "
    "test without meeting it: hopproof check --parallel 4.";
static const char hop_limit_remedy[] =
    "On {hop}: find the limit of connections of one client (Squid: maxconn, "
    "client_ip_max_connections; or a load balancer before it), and raise it where the sensor "
    "needs more. To test without meeting it: hopproof check --parallel 4.";

static const char dns_limit_explanation[] =
    "{endpoint} works, but its name was not answered together with the others: {detail}. The DNS "
    "server {resolver}, or a firewall before it, seems to limit the questions of one client. A "
    "sensor asks fewer at the same time than this test, and may never meet it.";
static const char dns_limit_remedy[] =
    "On the DNS server {resolver}, or the firewall before it: find the limit of questions of one "
    "client (unbound: ip-ratelimit; BIND: rate-limit; Windows: Set-DnsServerResponseRateLimiting) "
    "and take the sensor out of it, or raise it where the sensor shares an address with others.";

/* The result is about the names that were answered one after the other only. */
static bool is_dns_limit(const struct judge *j, enum cause cause, const struct step *s)
{
    return cause == CAUSE_INTERMITTENT && s != NULL && s->step == STEP_RESOLVE &&
           dns_limits_questions(j, s);
}

static bool is_limit(const struct cell *c, enum cause cause)
{
    return cause == CAUSE_INTERMITTENT && c != NULL && crowd_met_a_limit(c);
}

const char *explanation_pattern(const struct judge *j, const struct cell *c, enum cause cause,
                                const struct step *s, const char *at)
{
    const char *words =
        c != NULL && cause == CAUSE_DNS_UNEXPECTED_ADDRESS ? private_link_explanation(c, s) : NULL;

    if (BLOCK("explain-private-link") && words != NULL)
        return words;
    if (BLOCK("explain-dead-family") && family_of_finding(c, cause, at) != NULL)
        return text(c->judge,
                    "{endpoint} works, and no connection over %s was made to any of them: "
                    "{detail}. It is that family of addresses that leads nowhere from here, and "
                    "not one of the servers. A client that tries it first waits each time.",
                    family_of_finding(c, cause, at));
    if (cause == CAUSE_SOME_ADDRESSES_FAIL && at != NULL && facts_of_hop(j, at) != NULL)
        return "The name of {hop} has several addresses; at least one works and at least one does "
               "not: {detail}. It works now; a client that picks the other one fails or waits.";
    if (BLOCK("explain-dns-limit") && is_dns_limit(j, cause, s))
        return dns_limit_explanation;
    if (BLOCK("explain-limit") && is_limit(c, cause))
        return limit_explanation;
    if (refuses_everybody(j, cause, at) && !chain_is_passed_by(j, cause, at) &&
        !chain_is_circle(j, s))
        return down_explanation;
    if (BLOCK("explain-slow-names") && cause == CAUSE_SLOW && same_text(at, "resolver"))
        return "{endpoint} passes, but the answer of DNS took more than half of the time allowed: "
               "{detail}.";
    if (BLOCK("explain-dnssec") && c != NULL && cause == CAUSE_DNS_SERVFAIL &&
        dns_fails_to_validate(c))
        return "The DNS server {resolver} has an answer for {host} and does not believe it: "
               "{detail}. To its clients it says SERVFAIL.";
    if (BLOCK("explain-portal") && is_portal_page(c, cause, s))
        return "What answers for {endpoint} is not its server: {detail}. That is a captive portal "
               "or a web filter, which answers every request in the clear so.";
    if (BLOCK("explain-own-certificate") && is_own_certificate(c, cause, at))
        return "{endpoint} is a public service, which never shows a certificate that nobody but "
               "itself vouches for: {detail}. A device on the way answers in its place, or DNS "
               "leads to another machine.";
    if (BLOCK("explain-one-certificate") && is_one_certificate(c, cause))
        return "In the place of all of {host}, one certificate is shown: {detail}. These are "
               "services apart, so one machine answers for them that is none of them: a captive "
               "portal, a port forwarding, a device on the way.";
    if (BLOCK("explain-one-answer") && c != NULL && c->shared_answer != NULL &&
        cause == CAUSE_DNS_UNEXPECTED_ADDRESS)
        return "{resolver} answers for all of {host} with one address, {address}: {detail}. These "
               "are services apart, so it is a block page, a catch-all record or a portal, and "
               "not where any of them is.";
    if (cause == CAUSE_GATEWAY_UNREACHABLE && link_was_down(s))
        return "{detail}: the sensor has no working connection to its own network, so nothing "
               "beyond its own interface was tested.";
    if (BLOCK("explain-double") && is_doubled(j, s))
        return "Nothing came back from {address}, and {detail}. Each takes packets away that are "
               "for the other.";
    if (BLOCK("explain-near-reset") && cause == CAUSE_TCP_REFUSED && is_near_reset(j, s))
        return "The connection attempts to {address} are answered with a reset that did not come "
               "from there: its TTL shows that it has passed no router. {router}, the sensor's "
               "next router, or a firewall before it rejects them.";
    if (BLOCK("explain-by-hand") && cause == CAUSE_GATEWAY_UNREACHABLE && held_by_hand(s) != NULL)
        return "{detail}. If the router is at another address now, as after its replacement, all "
               "that the sensor sends to it goes to nobody, or to somebody else.";
    if (BLOCK("explain-expired-anchor") && cause == CAUSE_CERT_EXPIRED &&
        cert_expired_anchor(s) != NULL)
        return "What {endpoint} shows is in order, and nothing speaks against the sensor's clock: "
               "{detail}.";
    if (BLOCK("explain-refusing-route") && cause == CAUSE_NO_ROUTE && refusing_route(s) != NULL)
        return "The sensor's own routing table says no: {detail}. That is a setting, not a defect; "
               "no packet left the machine.";
    if (BLOCK("explain-no-port") && cause == CAUSE_NO_ROUTE && lacks_port(s))
        return "The sensor has a way to {address} and an address to start from, but every local "
               "port that it may use is taken. No packet left the machine, and the network is not "
               "to blame.";
    if (refuses_us(cause, s))
        return "The connection to {endpoint} works and the genuine service answers, but it refuses "
               "the address that this site's traffic comes from: {detail}.";
    return cause_explanation(cause, is_own(j, s));
}

/* Where only a part works: a limit of connections or questions, addresses that lead nowhere. */
static const char *remedy_of_the_part(const struct judge *j, const struct cell *c, enum cause cause,
                                      const struct step *s, const char *at)
{
    if (BLOCK("remedy-dns-limit") && is_dns_limit(j, cause, s))
        return dns_limit_remedy;
    if (BLOCK("remedy-limit") && is_limit(c, cause))
        return facts_of_hop(j, at) != NULL ? hop_limit_remedy : limit_remedy;
    if (cause == CAUSE_SOME_ADDRESSES_FAIL && at != NULL && facts_of_hop(j, at) != NULL)
        return "Start {hop} at every address of its name and open the way there, or take the dead "
               "address out of the name's DNS record.";
    if (BLOCK("remedy-family") && !is_translated(j, s) && family_of_finding(c, cause, at) != NULL)
        return text(c->judge,
                    "On the site's routers and firewall: give %s a way out (default route, and TCP "
                    "port {port} allowed as for the other family), or take its default route away "
                    "from {sensor}, where the site has no %s at all.",
                    family_of_finding(c, cause, at), family_of_finding(c, cause, at));
    if (BLOCK("remedy-nat64") && is_translated(j, s) &&
        (cause == CAUSE_TCP_TIMEOUT || cause == CAUSE_NET_UNREACHABLE ||
         cause == CAUSE_SOME_ADDRESSES_FAIL))
        return "{address} is no server's own address: DNS64 made it (RFC 6052, 8215), and a NAT64 "
               "translator has to stand behind it. Start the translator, route its prefix to it "
               "and let TCP port {port} to {host} out of it; or, where there is none, switch off "
               "DNS64 on the DNS server that the sensor asks.";
    return NULL;
}

/* For who has a proxy; `at` may be the leg behind it. */
static const char *remedy_about_proxies(const struct judge *j, const struct cell *c,
                                        enum cause cause, const struct step *s, const char *at)
{
    if (BLOCK("remedy-passed-by") && chain_is_passed_by(j, cause, at))
        return "On {hop}: let everything go through the next proxy of the chain, also CONNECT "
               "(Squid: a cache_peer line for it, 'never_direct allow all' and "
               "'nonhierarchical_direct off'). If {hop} is meant to go to the endpoints itself, "
               "open TCP port 443 for it in the firewall behind it.";
    if (BLOCK("remedy-circle") && cause == CAUSE_PROXY_UPSTREAM_FAILED && chain_is_circle(j, s))
        return "On {hop}: compare its parent with those of the other proxies; of two that name "
               "each other, the one nearer to the cloud has to go to the endpoints itself (Squid: "
               "take out its cache_peer line and 'never_direct', or point cache_peer at the proxy "
               "that is really next).";
    if (refuses_everybody(j, cause, at))
        return down_remedy;
    if (BLOCK("remedy-slow-names") && cause == CAUSE_SLOW && same_text(at, "resolver"))
        return "Check load and forwarders of the DNS server {resolver}, and whether UDP port 53 "
               "gets lost on the way to it.";
    if (BLOCK("remedy-broken-behind") && broke_behind(cause, s) && at != NULL &&
        strchr(at, '>') != NULL && facts_of_hop(j, strchr(at, '>') + 1) != NULL)
        return "On the proxy at the far end of {leg}: read its log at the time of this test. It "
               "took the connection of {hop} and broke it off: a rule that resets (Squid: "
               "deny_info TCP_RESET), a limit of connections, a restart, or a firewall between.";
    if (BLOCK("remedy-dead-family") && c != NULL && cause == CAUSE_PROXY_UPSTREAM_TIMEOUT &&
        silent_address(c, s) != NULL)
        return "On {hop}: give the family of addresses that is not answered a way out on {leg}, or "
               "take its default route and addresses away, so that the proxy uses the other one "
               "(IPv6: 'ip -6 route').";
    if (BLOCK("remedy-hung-helper") && c != NULL && cause == CAUSE_PROXY_NO_ANSWER && at != NULL &&
        hangs_at_connect(c, facts_of_hop(j, at)))
        return "On {hop}: see which helper hangs and why (Squid: cache.log, and the programs of "
               "external_acl_type, auth_param and url_rewrite_program; what they ask, such as a "
               "directory server, may be gone), then restart the proxy.";
    if (BLOCK("remedy-bad-member") && cause == CAUSE_INTERMITTENT && c != NULL && at != NULL &&
        facts_of_hop(j, at) != NULL && failing_node(c) != NULL)
        return "On {hop}: where a load balancer stands there, take the member {member} out of its "
               "pool (the machine whose proxy calls itself so; Squid: visible_hostname, else the "
               "host name), compare its configuration, DNS and way out with those of the other "
               "members, and put it back when tries to it alone pass. A TCP health probe holds "
               "such a member for healthy: let the probe ask the proxy for an answer (HTTP). Where "
               "it is one machine: read its log at the time of the tries that failed.";
    if (BLOCK("remedy-denies-all") && c != NULL && cause == CAUSE_PROXY_DENIED &&
        s->step == STEP_TUNNEL && same_text(c->path->stations[1], at) && hop_denies_all(j, at))
        return "On {hop}: it denies whatever this sensor asks for, so see first whether its rules "
               "admit the sensor's address, {source} (behind a NAT the one in its access log), and "
               "CONNECT to port {port}; then the endpoints. Squid: 'acl sensors src {source}', "
               "'acl sensor_cloud dstdomain {hosts}' and 'http_access allow CONNECT sensors "
               "sensor_cloud' before 'http_access deny all', with port {port} in SSL_ports. What "
               "the file lacks, in its own names: hopproof audit squid.conf --sensor {client}.";
    if (BLOCK("remedy-speaks-tls") && cause == CAUSE_PROXY_CLOSED && at != NULL &&
        facts_of_hop(j, at) != NULL && facts_of_hop(j, at)->speaks_tls == TRI_YES)
        return "In the sensor's proxy settings: give {hop} as https://, or the port on which it "
               "takes plain HTTP (Squid: http_port, not https_port).";
    return NULL;
}

/* On the way to the first router: no router is to blame for a link that is down on this side. */
static const char *remedy_near_sensor(const struct judge *j, enum cause cause, const struct step *s)
{
    if (cause == CAUSE_GATEWAY_UNREACHABLE && link_was_down(s))
        return "On {sensor}: {detail}. Switch it on ('ip link set … up', 'ip link' shows the "
               "state) and find out who stopped it; if it is on, look at its cable, the switch "
               "port and, on a virtual machine, whether the adapter is connected.";
    if (BLOCK("remedy-double") && is_doubled(j, s))
        return "On the switch: find the port behind each of the two link-layer addresses (show mac "
               "address-table), and give the machine that has no right to the address another one. "
               "Then, on {sensor}: 'ip neigh flush all', and test again.";
    if (BLOCK("remedy-near-reset") && cause == CAUSE_TCP_REFUSED && is_near_reset(j, s))
        return "On {router}, the sensor's next router, or the firewall before it: allow TCP port "
               "{port} from {sensor} to {address}; a rule there rejects it with a reset.";
    if (BLOCK("remedy-by-hand") && cause == CAUSE_GATEWAY_UNREACHABLE && held_by_hand(s) != NULL)
        return "On {sensor}: take the entry for {router} out of the neighbour table ('ip neigh "
               "show nud permanent' lists what was made by hand, 'ip neigh del {router} dev …' "
               "removes it), and find what sets it at each start; or correct it. Then the kernel "
               "asks for the router itself.";
    if (BLOCK("remedy-on-link") && cause == CAUSE_TCP_TIMEOUT && is_missed_on_link(s))
        return "Check that the machine with the address {address} is on and has that address. If "
               "it stands behind a router, the netmask on {sensor} is too wide, or a route there "
               "lacks its router ('ip addr', 'ip route get' with the address).";
    return NULL;
}

/* On the sensor itself: what it trusts, how it routes, whether it is on its way to a proxy. */
static const char *remedy_on_sensor(const struct judge *j, enum cause cause, const struct step *s)
{
    if (BLOCK("remedy-unwanted-before-the-move") && cause == CAUSE_UNWANTED_PATH &&
        j->r->site->legacy_hub != NULL)
        return "Not before the sensor itself uses its proxy: until then the legacy method goes "
               "this way. After that, where the policy is that sensors use the proxy only: at the "
               "site's firewall, deny TCP port {port} from {sensor} to all addresses but the "
               "proxy's.";
    if (BLOCK("remedy-expired-anchor") && cause == CAUSE_CERT_EXPIRED &&
        cert_expired_anchor(s) != NULL)
        return "On {sensor}: {detail}. Install the renewed root certificate of that authority and "
               "take the old one out (Debian: a file NAME.crt in /usr/local/share/ca-certificates, "
               "then 'update-ca-certificates'; or the file given as --ca-file).";
    if (BLOCK("remedy-refusing-route") && cause == CAUSE_NO_ROUTE && refusing_route(s) != NULL)
        return "On {sensor}: find the route that refuses ('ip route show table all' names its "
               "type: unreachable, prohibit or blackhole; 'ip rule' shows what leads to its "
               "table), and take it out, or give {address} a route of its own.";
    if (BLOCK("remedy-no-port") && cause == CAUSE_NO_ROUTE && lacks_port(s))
        return "On {sensor}: see which program holds so many connections ('ss -tanp', 'ss -s') and "
               "stop or mend it, or widen net.ipv4.ip_local_port_range ('sysctl "
               "net.ipv4.ip_local_port_range'; usual is 32768 60999); then test again.";
    return NULL;
}

/* What names lead to. What stands in the hosts file is put right there, and not at a resolver. */
static const char *remedy_of_names(const struct cell *c, enum cause cause, const struct step *s)
{
    const struct dns_detail *d = step_dns(s);

    if (d != NULL && same_text(d->source, "hosts-file") && s->outcome == OUTCOME_OK &&
        cause_info(cause)->place == PLACE_RESOLVER)
        return "On {sensor}: take {host} out of {lines} (or write the right address there); then "
               "DNS is asked for it.";
    if (BLOCK("remedy-one-answer") && c != NULL && c->shared_answer != NULL &&
        cause == CAUSE_DNS_UNEXPECTED_ADDRESS)
        return "On {resolver}: find what gives {address} for all of these names (a DNS filter's "
               "block page, a wildcard record, a portal that wants a login), and put {host} on "
               "its allow list or take the record out.";
    if (BLOCK("remedy-dnssec-dates") && c != NULL && cause == CAUSE_DNS_SERVFAIL &&
        dns_fails_to_validate(c) && dns_finds_signatures_out_of_date(c))
        return "On {resolver}: compare its clock with the right time first (timedatectl, chronyc "
               "tracking), since signatures are valid for days only. If it is right, the zone of "
               "{host} is signed badly: its operator, or that of the forwarder, has to sign it "
               "anew.";
    if (BLOCK("remedy-dnssec") && c != NULL && cause == CAUSE_DNS_SERVFAIL &&
        dns_fails_to_validate(c))
        return "On {resolver}: find out why it does not believe what it gets for {host} ('delv', "
               "or 'dig +dnssec' and 'dig +cd' there): a forwarder that strips signatures, an old "
               "trust anchor, a zone of your own under a signed name. Forward to a server that "
               "passes signatures on, or except the zone from validation (unbound: "
               "domain-insecure; BIND: validate-except).";
    if (BLOCK("remedy-private-link") && c != NULL && cause == CAUSE_DNS_UNEXPECTED_ADDRESS &&
        private_link_remedy(c, s) != NULL)
        return private_link_remedy(c, s);
    return NULL;
}

/* What answers in the endpoint's place or name, and what on the way spoils the talk with it. */
static const char *remedy_of_services(const struct cell *c, enum cause cause, const struct step *s,
                                      const char *at)
{
    if (BLOCK("remedy-websocket-at-service") && cause == CAUSE_WEBSOCKET_BLOCKED &&
        same_text(at, "endpoint"))
        return "Find out what {host} itself refuses: its network rules, and the protocols that it "
               "speaks. Where a device on the way inspects TLS with an authority that {sensor} "
               "trusts, allow the WebSocket upgrade for {host} there (headers Upgrade and "
               "Connection).";
    if (BLOCK("remedy-portal") && is_portal_page(c, cause, s))
        return "In the captive portal or web filter that answers ({detail}): exempt the sensor's "
               "address, or let TCP port {port} to {host} through without a login.";
    if (BLOCK("remedy-one-certificate") && is_one_certificate(c, cause))
        return "Find the machine that answers at {address} in the place of {host}: the name in its "
               "certificate tells whose it is. Where it is a captive portal or gateway, exempt the "
               "sensor there and let TCP port {port} through; where a rule forwards that port, "
               "take it out.";
    if (BLOCK("remedy-own-certificate") && is_own_certificate(c, cause, at))
        return "Find the device that answers at {address} in the place of {host}: a captive portal "
               "or gateway that shows its own page, TLS inspection without an authority, a port "
               "forwarding. Exempt {host} there and let TCP port {port} through; or, if "
               "{address} is a machine of yours, put the DNS record right.";
    if (BLOCK("remedy-plain-request") && cause == CAUSE_PROXY_DENIED && s->step == STEP_HTTP)
        return "On {hop}: allow requests for http://{host} for the sensor's address, above the "
               "rule that denies. Squid: 'acl sensor_http dstdomain {hosts}' and 'http_access "
               "allow sensor_http' before 'http_access deny all', with port {port} in Safe_ports.";
    if (refuses_us(cause, s))
        return "In the network rules of the Azure resource behind {host} (its page Networking): "
               "admit the public address that the site's traffic leaves with on this route, or use "
               "the resource's private endpoint.";
    if (BLOCK("remedy-name-filter-of-hop") && c != NULL && c->path->n_legs > 1 &&
        cause == CAUSE_SNI_FILTERED)
        return "In the web filter or firewall of {leg}, or in {hop} itself where it looks into TLS "
               "(Squid: ssl_bump terminate): allow the server name {host} (URL category, SNI or "
               "application rule) on TCP port {port}.";
    if (BLOCK("remedy-one-way") && c != NULL && cause == CAUSE_TLS_TIMEOUT && tls_is_one_way(c, s))
        return "On {leg}: find the device that sees only one direction of these connections (a "
               "firewall that keeps states, and asymmetric routes) and drops what follows the SYN. "
               "Lead both directions to {address} through it, or exempt them from its state check.";
    if (BLOCK("remedy-tls-1-3") && c != NULL && tls_dies_of_13(c, cause))
        return "In the firewalls and inspection devices of {leg}: update the one that cannot cope "
               "with TLS 1.3, or exempt {host} from TLS inspection there. If there is none, the "
               "server of {host} needs the update.";
    return NULL;
}

const char *remedy_pattern(const struct judge *j, const struct cell *c, enum cause cause,
                           const struct step *s, const char *at)
{
    const char *remedy = remedy_of_the_part(j, c, cause, s, at);

    if (remedy == NULL)
        remedy = remedy_about_proxies(j, c, cause, s, at);
    if (remedy == NULL)
        remedy = remedy_near_sensor(j, cause, s);
    if (remedy == NULL)
        remedy = remedy_on_sensor(j, cause, s);
    if (remedy == NULL)
        remedy = remedy_of_names(c, cause, s);
    if (remedy == NULL)
        remedy = remedy_of_services(c, cause, s, at);
    return remedy != NULL ? remedy : cause_remedy(cause, is_own(j, s));
}
