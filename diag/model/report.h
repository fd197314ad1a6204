/*
 * report: everything that a run knows, in the form in which it is handed out (contract section 3).
 *
 * The plan is a report whose results are all still `skip`; each phase fills its own part: probes
 * the steps, the capture `wire`, the judge verdicts, causes and findings. Every list below is one
 * structure: F(struct, kind, key, of, meaning); see shape.h for the kinds. What the contract names
 * stands first in each list; what follows is ours. Text from outside is made printable before it
 * gets in (text_printable), so that every string here is printable UTF-8.
 */
#ifndef HOPPROOF_MODEL_REPORT_H
#define HOPPROOF_MODEL_REPORT_H

#include "diag/model/cause.h"
#include "diag/model/names.h"
#include "diag/model/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_SCHEMA "hopproof.report/1"

struct arena;
struct fault;

enum verdict { VERDICT_SKIP, VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL };
enum command { COMMAND_CHECK, COMMAND_ANALYZE };
enum chain { CHAIN_FORWARDED, CHAIN_NESTED };

/* STEP_TLS may be with an HTTPS proxy; its leg tells. STEP_HTTP is a request to the last proxy of
 * the route for a page of an endpoint that has no TLS (RFC 9112 section 3.2.2). */
enum step_kind { STEP_RESOLVE, STEP_CONNECT, STEP_TUNNEL, STEP_TLS, STEP_HTTP, STEP_APP };

enum outcome {
#define OUTCOME(name, ...) OUTCOME_##name,
#include "diag/model/outcome.def"
#undef OUTCOME
};

enum experiment {
#define EXPERIMENT(name, ...) EXPERIMENT_##name,
#include "diag/model/experiment.def"
#undef EXPERIMENT
};

/* Of a point of the checklist: shown to hold, shown not to, or not to be seen from the sensor. */
enum point_state { POINT_UNSEEN, POINT_MET, POINT_UNMET };

extern const struct names verdict_names, command_names, chain_names, step_kind_names, outcome_names,
    experiment_names, point_state_names;

#define TOOL_FIELDS(F, S)                                                                          \
    F(S, STR, name, , "always hopproof")                                                           \
    F(S, STR, version, , "version of the program")

#define RUN_FIELDS(F, S)                                                                           \
    F(S, STR, id, , "UUID of the run")                                                             \
    F(S, STR, started, , "RFC 3339, UTC, by the local clock")                                      \
    F(S, STR, finished, , "RFC 3339, UTC, by the local clock")                                     \
    F(S, MS, duration, , "from start to end of probing")                                           \
    F(S, NAME, command, command, "check or analyze")                                               \
    F(S, BOOL, complete, , "false when a part of the run could not be done")                       \
    F(S, STRS, notes, , "what could not be done, and other remarks")                               \
    F(S, MS, timeout, , "bound of each step")                                                      \
    F(S, INT, clock_offset_s, , "local clock minus the best outside evidence, seconds")            \
    F(S, STR, trust, , "where the trust anchors came from")                                        \
    F(S, BOOL, trust_given, , "the user named the trust anchors: the system's are not used")       \
    F(S, STRS, again, , "options of the command line that a test of one result needs too")         \
    F(S, BOOL, large_hello, , "a large ClientHello was asked for where a small one passes")

#define SITE_FIELDS(F, S)                                                                          \
    F(S, STR, name, , "name of the site")                                                          \
    F(S, STR, sensor, , "name of the sensor")                                                      \
    F(S, STR, interface, , "interface of the sensor towards the cloud")                            \
    F(S, NAME, chain, chain, "how several proxies are chained")                                    \
    F(S, STR, required_route, , "the route that decides the verdict")                              \
    F(S, STRS, resolvers, , "DNS servers asked, as ADDR:PORT")                                     \
    F(S, STR, method, , "connection method of the site, when known")                               \
    F(S, BOOL, migration, , "the site is being moved away from the legacy method")                 \
    F(S, STR, legacy_hub, , "id of the endpoint that is the IoT hub of the legacy method")         \
    F(S, BOOL, tagged, , "resolved addresses were held against service tags")

#define REACH_FIELDS(F, S)                                                                         \
    F(S, NAME, verdict, verdict, "pass, warn, fail, skip")                                         \
    F(S, NAME, cause, cause, "why not")                                                            \
    F(S, STR, at, , "where")

#define HOP_FIELDS(F, S)                                                                           \
    F(S, STR, name, , "name of the hop")                                                           \
    F(S, STR, url, , "URL without password")                                                       \
    F(S, OBJ, from_sensor, reach, "can the sensor reach it")                                       \
    F(S, OBJ, from_previous, reach, "can the hop before it reach it")                              \
    F(S, BOOL, credentials, , "user and password are configured")                                  \
    F(S, OBJS, steps, step, "steps that tried the hop itself")

#define ROUTE_FIELDS(F, S)                                                                         \
    F(S, STR, id, , "direct, or hop names joined with >")                                          \
    F(S, STRS, hops, , "hop names, nearest first")                                                 \
    F(S, BOOL, required, , "does this route decide the verdict")                                   \
    F(S, BOOL, forwarded, , "the last hop forwards to further hops by its own configuration")

/* A further URL of a server without TLS. */
#define QUESTION_FIELDS(F, S)                                                                      \
    F(S, STR, path, , "what is asked for")                                                         \
    F(S, STR, expects, , "what the answer must be: crl, ocsp, or null: any")

#define ENDPOINT_FIELDS(F, S)                                                                      \
    F(S, STR, id, , "host:port")                                                                   \
    F(S, STR, host, , "A-label host name, or address")                                             \
    F(S, INT, port, , "TCP port")                                                                  \
    F(S, STR, service, , "what it is for")                                                         \
    F(S, BOOL, wildcard, , "the host is a wildcard")                                               \
    F(S, STR, source, , "where the endpoint was named")                                            \
    F(S, BOOL, optional, , "its failure does not decide the verdict")                              \
    F(S, BOOL, public_name, , "a name that only public authorities may vouch for")                 \
    F(S, BOOL, plain, , "no TLS is spoken there")                                                  \
    F(S, STR, path, , "what a plain HTTP endpoint is asked for; null: only connected to")          \
    F(S, STR, expects, , "what its answer must be: crl, ocsp, or null: any")                       \
    F(S, OBJS, also, question, "what else it is asked for (experiment other-path)")                \
    F(S, STR, expect_address, , "public, private, or null: what the site expects")

#define LEG_FIELDS(F, S)                                                                           \
    F(S, STR, from, , "station")                                                                   \
    F(S, STR, to, , "station")                                                                     \
    F(S, NAME, verdict, verdict, "pass, warn, fail; skip when not reached")

/* One query of one type to one resolver. */
#define LOOKUP_FIELDS(F, S)                                                                        \
    F(S, STR, type, , "A or AAAA")                                                                 \
    F(S, NAME, outcome, outcome, "what came back")                                                 \
    F(S, STR, rcode, , "response code as a word")                                                  \
    F(S, STR, transport, , "udp, tcp, or udp+tcp when the UDP answer was truncated")               \
    F(S, BOOL, truncated, , "the UDP answer had TC set")                                           \
    F(S, STRS, cnames, , "the chain of canonical names")                                           \
    F(S, STRS, addresses, , "addresses, in the order of the answer")                               \
    F(S, INT, ttl, , "smallest time to live of the chain, seconds")                                \
    F(S, MS, duration, , "query to answer")                                                        \
    F(S, INT, answer_len, , "octets of the last answer")                                           \
    F(S, STRS, local_ports, , "local ports used, as udp/PORT or tcp/PORT")                         \
    F(S, STR, error, , "what the system said")                                                     \
    F(S, BOOL, unchecked, , "asked without DNSSEC validation (CD)")                                \
    F(S, BOOL, asked_again, , "in a crowd it got none; the answer is to a repetition by itself")   \
    F(S, STR, stray, , "what came in place of an answer: other-source, other-id, other-question")  \
    F(S, STR, stray_from, , "of other-source: the address that it came from")

#define DNS_DETAIL_FIELDS(F, S)                                                                    \
    F(S, STR, name, , "the name asked for")                                                        \
    F(S, STR, source, , "resolver, hosts-file, or literal")                                        \
    F(S, INTS, lines, , "lines of the hosts file that name the host")                              \
    F(S, BOOL, used, , "this answer is the one that the system would use")                         \
    F(S, STRS, addresses, , "all addresses of this answer")                                        \
    F(S, BOOL, disagrees, , "another resolver says otherwise")                                     \
    F(S, OBJS, lookups, lookup, "the single queries")                                              \
    F(S, STRS, tags, , "service tags that contain the addresses; ADDR=TAG,TAG")                    \
    F(S, STR, route, , "the kernel's way to the resolver, as in tcp_detail")                       \
    F(S, STR, interface, , "the interface towards the resolver")                                   \
    F(S, STR, gateway, , "the next router towards it, null when it is on the link")                \
    F(S, STR, neighbour, , "state of the next router's entry in the neighbour table")              \
    F(S, STR, neighbour_mac, , "link-layer address in that entry")                                 \
    F(S, BOOL, link_down, , "that interface has no carrier or is down")

/* What the kernel knows of a TCP connection: TCP_INFO of tcp(7). */
#define SOCK_FIELDS(F, S)                                                                          \
    F(S, STR, local, , "ADDR:PORT")                                                                \
    F(S, STR, remote, , "ADDR:PORT")                                                               \
    F(S, MS, rtt, , "smoothed round-trip time")                                                    \
    F(S, INT, retransmits, , "segments sent again, in all")                                        \
    F(S, INT, unacked, , "segments in flight, never acknowledged")                                 \
    F(S, INT, mss, , "segment size that we may send")                                              \
    F(S, INT, peer_mss, , "segment size that the peer sends (estimate)")                           \
    F(S, INT, pmtu, , "path MTU as known now")                                                     \
    F(S, INT, sent, , "octets handed to the network, payload")                                     \
    F(S, INT, acked, , "octets acknowledged by the peer")                                          \
    F(S, INT, received, , "octets received, payload")                                              \
    F(S, INT, segments_in, , "segments received, also empty ones")                                 \
    F(S, MS, last_received, , "since the last data came")                                          \
    F(S, STR, state, , "TCP state as in RFC 9293")

/* One SYN of a trace and what came back. */
#define TRACE_HOP_FIELDS(F, S)                                                                     \
    F(S, INT, ttl, , "its time to live (hop limit); the usual one in the last of the list")        \
    F(S, STR, answer, , "time-exceeded, syn-ack, reset, prohibited, unreachable; null: nothing")   \
    F(S, STR, router, , "the machine that sent the ICMP error")                                    \
    F(S, MS, rtt, , "SYN to answer")                                                               \
    F(S, STR, icmp, , "ICMP error by name")                                                        \
    F(S, INT, icmp_type, , "its type")                                                             \
    F(S, INT, icmp_code, , "its code")

#define TCP_DETAIL_FIELDS(F, S)                                                                    \
    F(S, OBJ, sock, sock, "the connection")                                                        \
    F(S, STR, error, , "errno by name")                                                            \
    F(S, STR, icmp, , "ICMP error by name, where one came")                                        \
    F(S, STR, icmp_from, , "the router that sent it")                                              \
    F(S, INT, icmp_type, , "its type")                                                             \
    F(S, INT, icmp_code, , "its code")                                                             \
    F(S, STR, route, , "route, local, none, unreachable, prohibit or blackhole")                   \
    F(S, STR, interface, , "the interface that the kernel routes through")                         \
    F(S, INT, interface_mtu, , "its MTU")                                                          \
    F(S, STR, source, , "the source address that the kernel chooses")                              \
    F(S, STR, gateway, , "the next router, null when the target is on the link")                   \
    F(S, STR, neighbour, , "state of the gateway's entry in the neighbour table")                  \
    F(S, STR, neighbour_mac, , "link-layer address in that entry")                                 \
    F(S, BOOL, link_down, , "the interface has no carrier or is down")                             \
    F(S, INT, syn_retransmits, , "SYNs sent again")                                                \
    F(S, INT, mss_clamp, , "segment size we asked for, when an experiment did")                    \
    F(S, OBJS, trace, trace_hop, "of the experiment trace: by time to live")

#define TUNNEL_DETAIL_FIELDS(F, S)                                                                 \
    F(S, STR, hop, , "the hop that was asked")                                                     \
    F(S, STR, request, , "request target of the CONNECT, or of the GET")                           \
    F(S, STR, kind, , "of a GET: what the answer is")                                              \
    F(S, INT, status, , "status code")                                                             \
    F(S, STR, reason, , "reason phrase")                                                           \
    F(S, STR, version, , "HTTP version of the answer")                                             \
    F(S, STR, via, , "Via")                                                                        \
    F(S, STR, proxy_status, , "Proxy-Status, RFC 9209")                                            \
    F(S, STR, x_cache, , "X-Cache")                                                                \
    F(S, STR, x_squid_error, , "X-Squid-Error")                                                    \
    F(S, STRS, proxy_authenticate, , "Proxy-Authenticate, one a challenge")                        \
    F(S, STR, server, , "Server")                                                                  \
    F(S, STR, date, , "Date")                                                                      \
    F(S, STR, location, , "Location")                                                              \
    F(S, STR, connection, , "Connection")                                                          \
    F(S, STR, content_type, , "Content-Type")                                                      \
    F(S, INT, content_length, , "Content-Length")                                                  \
    F(S, INT, body_len, , "octets of the body that arrived")                                       \
    F(S, TRI, body_complete, , "as many as announced")                                             \
    F(S, STR, body, , "text of the body, markup removed, cut")                                     \
    F(S, STR, title, , "title of an HTML body")                                                    \
    F(S, STR, generated_by, , "the host that signed an error page")                                \
    F(S, STR, first_bytes, , "what came instead of HTTP, cut")                                     \
    F(S, STR, auth_offered, , "scheme of the credentials that were sent")                          \
    F(S, INT, auth_rounds, , "how often the proxy asked for them")                                 \
    F(S, INT, received, , "octets of the last answer")                                             \
    F(S, INT, surplus, , "octets behind the head of a 2xx answer")                                 \
    F(S, STR, error, , "what broke")                                                               \
    F(S, OBJ, sock, sock, "the connection at the end of the step")

#define CERT_FIELDS(F, S)                                                                          \
    F(S, STR, subject, , "distinguished name, RFC 2253")                                           \
    F(S, STR, issuer, , "distinguished name, RFC 2253")                                            \
    F(S, STR, subject_cn, , "common name of the subject")                                          \
    F(S, STR, issuer_cn, , "common name of the issuer")                                            \
    F(S, STR, issuer_o, , "organisation of the issuer")                                            \
    F(S, STRS, sans, , "subject alternative names")                                                \
    F(S, STR, not_before, , "RFC 3339")                                                            \
    F(S, STR, not_after, , "RFC 3339")                                                             \
    F(S, STR, serial, , "hexadecimal")                                                             \
    F(S, STR, sha256, , "of the certificate, hexadecimal")                                         \
    F(S, STR, spki_sha256, , "of the public key, hexadecimal")                                     \
    F(S, STR, key, , "kind and size of the key")                                                   \
    F(S, BOOL, self_signed, , "issuer and subject are one, and the signature is its own")          \
    F(S, STRS, ocsp, , "OCSP responders; none where the verification did not use it")              \
    F(S, STR, ocsp_request, , "what they are to be asked, RFC 6960 appendix A.1: Base64")          \
    F(S, STRS, crls, , "CRL distribution points; none where the verification did not use it")      \
    F(S, STRS, aia, , "where the issuer's certificate can be had")                                 \
    F(S, INT, scts, , "transparency timestamps inside: public authorities put them in")

#define CHAIN_ERROR_FIELDS(F, S)                                                                   \
    F(S, INT, depth, , "0 is the leaf")                                                            \
    F(S, INT, code, , "X509_V_ERR number of OpenSSL")                                              \
    F(S, STR, name, , "its name in lower case: cert-has-expired, hostname-mismatch, ...")          \
    F(S, STR, subject, , "certificate it is about")

#define TLS_DETAIL_FIELDS(F, S)                                                                    \
    F(S, STR, sni, , "server name sent")                                                           \
    F(S, STR, version, , "TLSv1.2 or TLSv1.3")                                                     \
    F(S, STR, cipher, , "cipher suite")                                                            \
    F(S, STR, group, , "key exchange group")                                                       \
    F(S, STR, alpn, , "protocol chosen")                                                           \
    F(S, STR, alert, , "fatal alert received, RFC 8446 section 6 name")                            \
    F(S, STR, alert_sent, , "fatal alert that we sent")                                            \
    F(S, STR, error, , "what the TLS library said")                                                \
    F(S, STR, reached, , "client-hello, server-hello, certificate, finished: how far it got")      \
    F(S, INT, hello_len, , "octets of the ClientHello record")                                     \
    F(S, INT, received, , "octets received in this step")                                          \
    F(S, STR, first_bytes, , "what came instead of TLS, cut")                                      \
    F(S, STR, peer_version, , "version that the far side insisted on")                             \
    F(S, BOOL, client_cert_requested, , "a CertificateRequest came")                               \
    F(S, OBJS, chain, cert, "certificates as presented, leaf first")                               \
    F(S, OBJS, chain_errors, chain_error, "every error of the verification")                       \
    F(S, TRI, trusted, , "chain verifies against the anchors, name aside")                         \
    F(S, TRI, trusted_ignoring_time, , "would verify if the clock were right")                     \
    F(S, TRI, trusted_with_bridge, , "would verify with known public intermediates added")         \
    F(S, TRI, public_trust, , "the chain leads to a public root, whatever the time")               \
    F(S, TRI, public_with_bridge, , "it does with known public intermediates added")               \
    F(S, STR, anchor, , "subject of the trust anchor reached")                                     \
    F(S, STR, anchor_sha256, , "SHA-256 of that certificate")                                      \
    F(S, STR, missing_issuer, , "an issuer that was neither presented nor found here")             \
    F(S, BOOL, missing_issuer_public, , "a public intermediate authority has that name")           \
    F(S, STR, ocsp, , "stapled: good, revoked, unknown, stale, invalid; null when none")           \
    F(S, STR, ocsp_produced, , "RFC 3339: when it was signed; the true time is later")             \
    F(S, STR, clock_evidence, , "RFC 3339: a time that the far side vouches for")                  \
    F(S, TRI, hidden_accepted, , "TLS 1.3 hid the certificate: did the client talk on after it?")  \
    F(S, STR, resigner, , "who re-signed, where the certificate is not the endpoint's own")        \
    F(S, OBJ, sock, sock, "the connection at the end of the step")

#define APP_DETAIL_FIELDS(F, S)                                                                    \
    F(S, STR, request, , "request line sent")                                                      \
    F(S, INT, status, , "status code")                                                             \
    F(S, STR, reason, , "reason phrase")                                                           \
    F(S, STR, server, , "Server")                                                                  \
    F(S, STR, date, , "Date")                                                                      \
    F(S, STR, location, , "Location")                                                              \
    F(S, STR, content_type, , "Content-Type")                                                      \
    F(S, STR, title, , "title of an HTML body")                                                    \
    F(S, STR, body, , "text of the body, markup removed, cut")                                     \
    F(S, STR, kind, , "what the answer is: the genuine service, block page, ...")                  \
    F(S, BOOL, upgraded, , "101 Switching Protocols")                                              \
    F(S, BOOL, refuses_us, , "the genuine service answers, and does not admit our address")        \
    F(S, MS, idle, , "how long nothing was said before the request, or until the end")             \
    F(S, BOOL, close_notify, , "the far end of TLS itself ended the idle connection")              \
    F(S, STR, error, , "what broke")                                                               \
    F(S, OBJ, sock, sock, "the connection at the end of the step")

#define STEP_FIELDS(F, S)                                                                          \
    F(S, NAME, step, step_kind, "what was tried")                                                  \
    F(S, STR, leg, , "on which leg")                                                               \
    F(S, STR, target, , "host:port, or the name to resolve")                                       \
    F(S, STR, address, , "ADDR:PORT that was used")                                                \
    F(S, NAME, verdict, verdict, "of this step alone")                                             \
    F(S, NAME, cause, cause, "why it is not a pass")                                               \
    F(S, MS, started, , "since the start of the run")                                              \
    F(S, MS, duration, , "of the step, without the time it waited for our own CPU")                \
    F(S, DETAIL, detail, , "facts; their keys depend on the step")                                 \
    F(S, NAME, outcome, outcome, "what was observed")                                              \
    F(S, INT, probe, , "steps of one result with the same number share one connection")            \
    F(S, INT, attempt, , "1 for the first")                                                        \
    F(S, NAME, experiment, experiment, "null in a normal probe")                                   \
    F(S, STR, at, , "where the cause lies")                                                        \
    F(S, INT, flow, , "index of the flow in wire.flows that carried it")                           \
    F(S, STR, note, , "what the judge reads out of it, in a few words")

/* One arrow of the packet ladder; retransmissions of one segment are one arrow. */
#define FRAME_FIELDS(F, S)                                                                         \
    F(S, INT, number, , "frame number in the recording")                                           \
    F(S, INT, last, , "number of the last one, where several are drawn as one")                    \
    F(S, INT, times, , "how many; 1 where it is a single frame")                                   \
    F(S, MS, at, , "time of the first, since the start of the run")                                \
    F(S, STR, from, , "src, dst, or the address of a router that sent an ICMP error")              \
    F(S, STR, what, , "SYN, ClientHello, HTTP 403, RST TTL 61, ...")                               \
    F(S, INT, len, , "octets of payload")                                                          \
    F(S, BOOL, lost, , "sent and never acknowledged")

#define FLOW_FIELDS(F, S)                                                                          \
    F(S, STR, src, , "ADDR:PORT of the side that opened it")                                       \
    F(S, STR, dst, , "ADDR:PORT of the other")                                                     \
    F(S, INT, packets, , "both directions")                                                        \
    F(S, INT, bytes, , "octets of payload, both directions")                                       \
    F(S, MS, syn_rtt, , "SYN to SYN-ACK")                                                          \
    F(S, INT, retransmits, , "segments seen again, both directions")                               \
    F(S, INT, resets, , "RST segments")                                                            \
    F(S, INT, mss, , "smaller of the two MSS options")                                             \
    F(S, INTS, frames, , "numbers of the decisive frames")                                         \
    F(S, STR, proto, , "tcp, udp or icmp")                                                         \
    F(S, STR, interface, , "where it was captured")                                                \
    F(S, STR, state, , "syn-sent, established, closed, reset, ...")                                \
    F(S, INT, syns, , "SYNs sent")                                                                 \
    F(S, INT, packets_back, , "packets from dst to src")                                           \
    F(S, MS, answered, , "first SYN-ACK, since the start of the run")                              \
    F(S, STR, interface_back, , "where the packets from dst were captured")                        \
    F(S, STR, closed_by, , "src or dst: who ended it first")                                       \
    F(S, STR, reset_by, , "src or dst, by its addresses")                                          \
    F(S, INT, reset_ttl, , "TTL or hop limit of the first reset from dst")                         \
    F(S, INT, peer_ttl, , "TTL or hop limit of dst's other packets")                               \
    F(S, TRI, reset_foreign, , "the reset differs from the peer's own packets")                    \
    F(S, STR, icmp, , "ICMP error about this flow, by name")                                       \
    F(S, INT, icmp_type, , "type")                                                                 \
    F(S, INT, icmp_code, , "code")                                                                 \
    F(S, STR, icmp_from, , "router that sent it")                                                  \
    F(S, INT, icmp_mtu, , "next-hop MTU of a packet too big")                                      \
    F(S, INT, lost_len, , "payload length at which segments start to vanish")                      \
    F(S, INT, passed_len, , "largest payload length that was acknowledged or arrived")             \
    F(S, STR, lost_direction, , "src or dst: whose segments vanish")                               \
    F(S, BOOL, zero_window, , "a zero window was announced")                                       \
    F(S, STR, sni, , "server name in the ClientHello")                                             \
    F(S, STR, connect, , "target of the first CONNECT")                                            \
    F(S, STR, alert, , "fatal TLS alert in the clear")                                             \
    F(S, MS, started, , "first packet, since the start of the run")                                \
    F(S, MS, ended, , "last packet, since the start of the run")                                   \
    F(S, OBJS, ladder, frame, "the decisive frames in order, for drawing; a dozen, not more")

#define WIRE_FIELDS(F, S)                                                                          \
    F(S, NAME, verdict, verdict, "what the packets say of the result")                             \
    F(S, OBJS, flows, flow, "the flows that belong to the result")                                 \
    F(S, STRS, notes, , "remarks")

#define RESULT_FIELDS(F, S)                                                                        \
    F(S, STR, endpoint, , "id of the endpoint")                                                    \
    F(S, STR, route, , "id of the route")                                                          \
    F(S, BOOL, required, , "does it decide the verdict")                                           \
    F(S, NAME, verdict, verdict, "pass, warn, fail, skip")                                         \
    F(S, NAME, cause, cause, "why it is not a pass")                                               \
    F(S, STR, at, , "where the cause lies")                                                        \
    F(S, STR, summary, , "one sentence for a person")                                              \
    F(S, STR, remedy, , "what to change")                                                          \
    F(S, INT, attempts, , "tries made")                                                            \
    F(S, INT, passed_attempts, , "tries that passed")                                              \
    F(S, MS, duration, , "of all tries")                                                           \
    F(S, OBJS, legs, leg, "how far it got")                                                        \
    F(S, OBJS, steps, step, "what was tried, in order")                                            \
    F(S, OBJ, wire, wire, "what the capture says")                                                 \
    F(S, STRS, evidence, , "what the cause rests on")                                              \
    F(S, STRS, ruled_out, , "other causes, and what speaks against them")                          \
    F(S, STR, retest, , "command that tests just this result again")                               \
    F(S, LINK, of_endpoint, endpoint, "")                                                          \
    F(S, LINK, of_route, route, "")

#define FINDING_FIELDS(F, S)                                                                       \
    F(S, NAME, cause, cause, "code")                                                               \
    F(S, STR, at, , "place")                                                                       \
    F(S, STR, owner, , "who has to act: sensor, dns, network, proxy:NAME, cloud")                  \
    F(S, NAME, sensor_class, sensor_class, "the sensor's own class for it")                        \
    F(S, NAME, severity, severity, "error, warning, info")                                         \
    F(S, STR, title, , "a headline")                                                               \
    F(S, STR, explanation, , "what it means here")                                                 \
    F(S, STR, remedy, , "what to change")                                                          \
    F(S, INTS, results, , "indices of the results it explains")

/* A time server that the site names. */
#define TIME_SERVER_FIELDS(F, S)                                                                   \
    F(S, STR, id, , "host:port")                                                                   \
    F(S, STR, host, , "name or address")                                                           \
    F(S, INT, port, , "UDP port")                                                                  \
    F(S, STR, address, , "ADDR:PORT that was asked last")                                          \
    F(S, NAME, outcome, outcome, "what was observed")                                              \
    F(S, NAME, verdict, verdict, "pass, warn, skip")                                               \
    F(S, MS, offset, , "local clock minus the server's; positive is fast")                         \
    F(S, MS, delay, , "round trip, without the time the server took")                              \
    F(S, INT, stratum, , "distance from a reference clock; 1 has one")                             \
    F(S, STR, reference, , "where the server has its time from, or why it turns us away")          \
    F(S, STR, error, , "errno by name")

#define POINT_FIELDS(F, S)                                                                         \
    F(S, STR, id, , "stable code")                                                                 \
    F(S, STR, list, , "the method that it belongs to, or migration")                               \
    F(S, INT, step, , "step of the vendor's migration article, from 1; null for a method")         \
    F(S, STR, title, , "what should hold")                                                         \
    F(S, NAME, state, point_state, "met, unmet, or unseen: it cannot be seen from here")           \
    F(S, BOOL, needed, , "a sign-off needs it; else it is for information")                        \
    F(S, STR, evidence, , "what that rests on; for unseen, where to look")

#define COUNTS_FIELDS(F, S)                                                                        \
    F(S, INT, pass, , "passed")                                                                    \
    F(S, INT, warn, , "passed with a warning")                                                     \
    F(S, INT, fail, , "failed")                                                                    \
    F(S, INT, skip, , "not tested")

#define SUMMARY_FIELDS(F, S)                                                                       \
    F(S, NAME, verdict, verdict, "pass, warn, fail")                                               \
    F(S, OBJ, required, counts, "required results")                                                \
    F(S, OBJ, all, counts, "all results")

/* An address of the sensor's own link that several machines say is theirs. */
#define DOUBLE_FIELDS(F, S)                                                                        \
    F(S, STR, address, , "the address")                                                            \
    F(S, STR, interface, , "where they were heard")                                                \
    F(S, STRS, macs, , "their link-layer addresses, in the order in which they were heard")

#define CAPTURE_FIELDS(F, S)                                                                       \
    F(S, BOOL, enabled, , "packets were recorded")                                                 \
    F(S, BOOL, own, , "by a check of this program, which tries the direct way on purpose")         \
    F(S, STR, interface, , "where")                                                                \
    F(S, STR, file, , "the evidence, when it was kept")                                            \
    F(S, INT, packets, , "recorded")                                                               \
    F(S, INT, dropped_kernel, , "lost in the kernel's buffer")                                     \
    F(S, INT, dropped_interface, , "lost by the interface")                                        \
    F(S, STRS, interfaces, , "all on which it was recorded")                                       \
    F(S, BOOL, whole, , "the recorder ran to the end, and all of its file could be read")          \
    F(S, STR, reason, , "why there is no capture, or where it broke off")                          \
    F(S, OBJS, doubles, double_address,                                                            \
      "addresses that two machines of the link claim (ARP, RFC 4861)")

#define REPORT_FIELDS(F, S)                                                                        \
    F(S, STR, schema, , "hopproof.report/1")                                                       \
    F(S, OBJ, tool, tool, "who wrote this")                                                        \
    F(S, OBJ, run, run, "when and how")                                                            \
    F(S, OBJ, site, site_info, "whose situation")                                                  \
    F(S, OBJS, hops, hop, "the proxies")                                                           \
    F(S, OBJS, routes, route, "the routes tried")                                                  \
    F(S, OBJS, endpoints, endpoint, "what must be reached")                                        \
    F(S, OBJS, results, result, "endpoint by route")                                               \
    F(S, OBJS, findings, finding, "what is wrong, once each")                                      \
    F(S, OBJS, time_servers, time_server, "what the site's time servers said")                     \
    F(S, OBJS, checklist, point, "what the site's method, or a migration, asks for")               \
    F(S, OBJ, summary, summary, "the verdict")                                                     \
    F(S, OBJ, capture, capture, "the recording")                                                   \
    F(S, LINK, arena, arena, "")

/* Every structure and its list, innermost first. */
#define REPORT_SHAPES(X)                                                                           \
    X(tool, TOOL_FIELDS)                                                                           \
    X(run, RUN_FIELDS)                                                                             \
    X(site_info, SITE_FIELDS)                                                                      \
    X(reach, REACH_FIELDS)                                                                         \
    X(route, ROUTE_FIELDS)                                                                         \
    X(question, QUESTION_FIELDS)                                                                   \
    X(endpoint, ENDPOINT_FIELDS)                                                                   \
    X(leg, LEG_FIELDS)                                                                             \
    X(lookup, LOOKUP_FIELDS)                                                                       \
    X(dns_detail, DNS_DETAIL_FIELDS)                                                               \
    X(sock, SOCK_FIELDS)                                                                           \
    X(trace_hop, TRACE_HOP_FIELDS)                                                                 \
    X(tcp_detail, TCP_DETAIL_FIELDS)                                                               \
    X(tunnel_detail, TUNNEL_DETAIL_FIELDS)                                                         \
    X(cert, CERT_FIELDS)                                                                           \
    X(chain_error, CHAIN_ERROR_FIELDS)                                                             \
    X(tls_detail, TLS_DETAIL_FIELDS)                                                               \
    X(app_detail, APP_DETAIL_FIELDS)                                                               \
    X(step, STEP_FIELDS)                                                                           \
    X(hop, HOP_FIELDS)                                                                             \
    X(frame, FRAME_FIELDS)                                                                         \
    X(flow, FLOW_FIELDS)                                                                           \
    X(wire, WIRE_FIELDS)                                                                           \
    X(result, RESULT_FIELDS)                                                                       \
    X(finding, FINDING_FIELDS)                                                                     \
    X(time_server, TIME_SERVER_FIELDS)                                                             \
    X(point, POINT_FIELDS)                                                                         \
    X(counts, COUNTS_FIELDS)                                                                       \
    X(summary, SUMMARY_FIELDS)                                                                     \
    X(double_address, DOUBLE_FIELDS)                                                               \
    X(capture, CAPTURE_FIELDS)                                                                     \
    X(report, REPORT_FIELDS)

#define REPORT_STRUCT(name, FIELDS)                                                                \
    struct name {                                                                                  \
        FIELDS(MEMBER, name)                                                                       \
        const char *unknown_keys; /* JSON members that this version does not know */               \
    };                                                                                             \
    extern const struct shape name##_shape;
REPORT_SHAPES(REPORT_STRUCT)
#undef REPORT_STRUCT

/* report_new_of(report, result): a new struct result in the report's arena, all unknown. */
#define report_new_of(r, type) ((struct type *)shape_new((r)->arena, &type##_shape))

/*
 * An empty report: all parts that the contract promises exist, every list is empty. It owns its
 * arena; report_free(NULL) is fine.
 */
struct report *report_new(void);
void report_free(struct report *r);

/* A remark in run.notes, printf-like. */
void report_note(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Set every result's links (of_endpoint, of_route) from its ids, as after reading JSON. 0, or -1
 * with a fault naming the result whose endpoint or route is not listed.
 */
int report_link(struct report *r, struct fault *f);

/* By id; NULL when there is none. */
struct endpoint *report_endpoint(const struct report *r, const char *id);
struct route *report_route(const struct report *r, const char *id);

/* The shape of a step's detail. */
const struct shape *step_detail_shape(enum step_kind kind);

/* A new step with an empty detail of its kind, appended to no list yet. */
struct step *step_new(struct report *r, enum step_kind kind);

/* The detail of a step of this kind; NULL when the step is of another kind. */
struct dns_detail *step_dns(const struct step *s);
struct tcp_detail *step_tcp(const struct step *s);
struct tunnel_detail *step_tunnel(const struct step *s); /* of STEP_TUNNEL and STEP_HTTP */
struct tls_detail *step_tls(const struct step *s);
struct app_detail *step_app(const struct step *s);

/* What the kernel said of the step's connection; NULL when the step has none. */
struct sock *step_sock(const struct step *s);

/*
 * Legs of a route as the contract names them: from "sensor" over the hops to "endpoint".
 * report_legs fills result->legs, all `skip`. For a forwarded chain of the first hop's route the
 * later hops are part of the path.
 */
void report_legs(struct report *r, struct result *result);

/* "from>to" in the report's arena. */
const char *leg_name(struct report *r, const struct leg *leg);

#endif
