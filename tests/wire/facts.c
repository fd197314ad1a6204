/* facts: what wire_read found, as lines of words, for stories and for comparison with tshark. */
#include "tests/wire/story.h"

#include "capture/wire.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/shape.h"
#include "diag/proto/dns.h"
#include "diag/proto/http1.h"
#include "diag/proto/tls.h"

#include <netinet/in.h>
#include <string.h>

/* " key=value", blanks in it made visible; nothing when there is no value. */
static void word(struct buf *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(out, " %s=", key);
    for (; *value != '\0'; value++)
        buf_char(out, *value == ' ' || *value == '\n' || *value == '\t' ? '_' : *value);
}

static void number(struct buf *out, const char *key, long long value)
{
    if (value != 0)
        buf_printf(out, " %s=%lld", key, value);
}

static void print_tunnels(struct buf *out, const struct wire_tunnel *w)
{
    for (; w != NULL; w = w->next) {
        word(out, "connect", w->target);
        word(out, "auth", w->auth_scheme);
        number(out, "status", w->status);
        word(out, "http",
             w->answered_us == 0 ? "silent" : http1_state_name((enum http1_state)w->http));
        word(out, "via", w->via);
        word(out, "reason", w->reason);
        word(out, "title", w->title);
        word(out, "generated_by", w->generated_by);
        for (size_t i = 0; i < w->n_proxy_authenticate; i++)
            word(out, "challenge", w->proxy_authenticate[i]);
        if (w->content_length >= 0)
            buf_printf(out, " length=%lld body=%lld%s", (long long)w->content_length,
                       (long long)w->body_len, w->body_complete ? " complete" : " cut");
    }
}

static void print_tls(struct buf *out, const struct wire_tls *t)
{
    char name[TLS_NAME_ROOM];

    word(out, "sni", t->sni);
    number(out, "hello_len", t->hello_len);
    buf_str(out, t->hello_whole ? " hello-whole" : "");
    word(out, "tls", t->version != 0 ? tls_version_name(t->version, name) : NULL);
    word(out, "cipher", t->cipher != 0 ? tls_cipher_name(t->cipher, name) : NULL);
    word(out, "alpn", t->alpn);
    number(out, "chain", t->chain != NULL ? (long long)t->chain->n : 0);
    word(out, "alert", t->alert >= 0 ? tls_alert_name((unsigned)t->alert) : NULL);
    word(out, "alert_sent", t->alert_sent >= 0 ? tls_alert_name((unsigned)t->alert_sent) : NULL);
    buf_str(out, t->client_cert_requested ? " client-cert-requested" : "");
    buf_str(out, t->hello_retry ? " hello-retry" : "");
    buf_str(out, t->finished ? " finished" : "");
    buf_str(out, t->client_maybe_alert ? " client-maybe-alert" : "");
    buf_str(out, t->server_maybe_alert ? " server-maybe-alert" : "");
    if (t->not_tls) {
        char first[65];
        size_t n = t->n_first < 64 ? t->n_first : 64;

        for (size_t i = 0; i < n; i++)
            first[i] = t->first[i] > ' ' && t->first[i] < 0x7f ? (char)t->first[i] : '_';
        first[n] = '\0';
        word(out, "not-tls", first);
    }
}

static void print_pages(struct buf *out, const struct wire_tunnel *page)
{
    for (; page != NULL; page = page->next) {
        word(out, "request", page->method);
        word(out, "path", page->target);
        word(out, "host", page->host);
        if (page->status != 0)
            number(out, "page", page->status);
        else
            word(out, "page", "silent");
        word(out, "page-title", page->title);
        word(out, "page-location", page->location);
        buf_str(out, page->is_crl ? " crl" : page->is_ocsp ? " ocsp" : "");
    }
}

static void print_side(struct buf *out, const struct wire_side *s, int d)
{
    char key[32];
    const struct {
        const char *name;
        long long value;
    } numbers[] = {
        {"bytes", (long long)s->bytes},
        {"packets", s->packets},
        {"again", s->retransmits},
        {"reordered", s->out_of_order},
        {"needless", s->needless},
        {"unseen", s->unseen},
        {"syns", s->syns},
        {"fins", s->fins},
        {"resets", s->resets},
        {"mss", s->mss},
        {"reset_ttl", s->reset_ttl},
        {"lost_len", s->lost_len},
        {"passed_len", s->passed_len},
        {"zero_windows", s->zero_windows},
        {"iface", s->iface},
        {"ttl", s->ttl_max},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        strcpy(key, numbers[i].name);
        strcat(key, d == 0 ? ">" : "<");
        number(out, key, numbers[i].value);
    }
}

static void print_flow(struct buf *out, const struct wire_flow *f)
{
    static const char *const tri[] = {"unknown", "no", "yes"};
    static const char *const side[] = {"src", "dst"};
    struct addr src = wire_src(f), dst = wire_dst(f);
    char text[ADDR_TEXT];

    buf_str(out, "flow");
    word(out, "src", addr_port_text(&src, text));
    word(out, "dst", addr_port_text(&dst, text));
    word(out, "proto", f->protocol == IPPROTO_TCP ? "tcp" : "udp");
    word(out, "state", wire_state_name((enum wire_state)f->state));
    number(out, "first_frame", f->first_frame);
    number(out, "reset_frame", f->reset_frame);
    number(out, "repeat_frame", f->repeat_frame);
    if (f->syn_us != 0 && f->syn_ack_us != 0)
        number(out, "rtt_us", f->syn_ack_us - f->syn_us);
    word(out, "closed_by", f->closed_by >= 0 ? side[f->closed_by] : NULL);
    word(out, "reset_by", f->reset_by >= 0 ? side[f->reset_by] : NULL);
    if (f->side[1].resets > 0)
        word(out, "foreign", tri[wire_reset_foreign(f, 1)]);
    number(out, "pause_ms", f->pause_ms);
    number(out, "other_iface", f->other_iface);
    number(out, "duplicates", f->duplicates);
    print_side(out, &f->side[0], 0);
    print_side(out, &f->side[1], 1);
    for (const struct wire_icmp *i = f->icmp; i != NULL; i = i->next) {
        word(out, "icmp", wire_icmp_name(f->is_v6, i->type, i->code));
        word(out, "from", addr_text(&i->from, text));
        number(out, "mtu", i->mtu);
    }
    if (f->talk != NULL) {
        print_tunnels(out, f->talk->tunnels);
        if (f->talk->tls != NULL)
            print_tls(out, f->talk->tls);
        print_pages(out, f->talk->pages);
        buf_str(out, f->talk->gap ? " gap" : "");
        if (f->talk->socks != 0)
            buf_printf(out, " socks=%u", f->talk->socks);
    }
    buf_char(out, '\n');
}

static void print_dns(struct buf *out, const struct wire_dns *d)
{
    char text[ADDR_TEXT];

    buf_str(out, "dns");
    word(out, "name", d->name);
    word(out, "type", dns_type_name(d->type));
    word(out, "client", addr_port_text(&d->client, text));
    word(out, "server", addr_port_text(&d->server, text));
    number(out, "queries", d->queries);
    buf_str(out, d->tcp ? " tcp" : " udp");
    if (!d->answered) {
        buf_str(out, " silent");
    } else {
        word(out, "rcode", dns_rcode_name(d->rcode));
        number(out, "us", d->answered_us - d->asked_us);
    }
    buf_str(out, d->truncated ? " truncated" : "");
    buf_str(out, d->malformed ? " malformed" : "");
    for (size_t i = 0; i < d->n_cnames; i++)
        word(out, "cname", d->cnames[i]);
    for (size_t i = 0; i < d->n_addresses; i++)
        word(out, "address", addr_text(&d->addresses[i], text));
    buf_char(out, '\n');
}

static void print_clock(struct buf *out, const struct wire_clock *c)
{
    static const char *const kinds[] = {"time", "unsynchronised", "kiss", "broken", "foreign"};
    char text[ADDR_TEXT];

    buf_str(out, "clock");
    word(out, "client", addr_port_text(&c->client, text));
    word(out, "server", addr_port_text(&c->server, text));
    number(out, "queries", c->queries);
    number(out, "answers", c->answers);
    word(out, "kind", c->answers > 0 ? kinds[c->kind] : NULL);
    number(out, "stratum", c->stratum);
    buf_char(out, '\n');
}

static void print_claim(struct buf *out, const struct wire_claim *c)
{
    char text[ADDR_TEXT];

    buf_printf(out, "claim addr=%s machines=%u", addr_text(&c->addr, text), c->n_macs);
    for (unsigned i = 0; i < c->n_macs; i++)
        buf_printf(out, " mac=%02x:%02x:%02x:%02x:%02x:%02x", c->macs[i][0], c->macs[i][1],
                   c->macs[i][2], c->macs[i][3], c->macs[i][4], c->macs[i][5]);
    buf_char(out, '\n');
}

void facts_print(const struct wire_file *file, struct buf *out)
{
    char text[ADDR_TEXT];

    for (size_t i = 0; i < file->n_flows; i++)
        print_flow(out, wire_flow_at(file, i));
    for (size_t i = 0; i < file->n_dns; i++)
        print_dns(out, file->dns[i]);
    for (size_t i = 0; i < file->n_clocks; i++)
        print_clock(out, &file->clocks[i]);
    for (size_t i = 0; i < file->n_neighbours; i++)
        buf_printf(out, "neighbour addr=%s requests=%u replies=%u\n",
                   addr_text(&file->neighbours[i].addr, text), file->neighbours[i].requests,
                   file->neighbours[i].replies);
    for (size_t i = 0; i < file->n_claims; i++)
        print_claim(out, &file->claims[i]);
    for (size_t i = 0; i < file->n_secrets; i++)
        buf_printf(out, "secret len=%u\n", file->secrets[i].len);
    for (size_t i = 0; i < file->n_interfaces; i++)
        buf_printf(out, "interface name=%s packets=%llu dropped=%llu\n", file->interfaces[i].name,
                   (unsigned long long)file->interfaces[i].packets,
                   (unsigned long long)file->interfaces[i].dropped_kernel);
    buf_str(out, "file");
    number(out, "packets", (long long)file->packets);
    number(out, "flows", (long long)file->n_flows);
    number(out, "dns", (long long)file->n_dns);
    number(out, "other", (long long)file->other_protocol);
    number(out, "unsupported", (long long)file->unsupported_link);
    number(out, "malformed", (long long)file->malformed);
    number(out, "cut", (long long)file->cut);
    number(out, "fragments_lost", (long long)file->fragments_lost);
    number(out, "icmp_foreign", (long long)file->icmp_foreign);
    if (file->trouble != NULL) {
        word(out, "trouble", file->trouble);
        number(out, "at", (long long)file->trouble_at);
    }
    buf_char(out, '\n');
}

/* Is `w` (of length len) one of the words of the line? */
static bool has_word(const char *line, size_t line_len, const char *w, size_t len)
{
    for (size_t i = 0; i < line_len;) { /* ends: each turn goes behind a word */
        size_t end = i;

        while (end < line_len && line[end] != ' ')
            end++;
        if (end - i == len && memcmp(line + i, w, len) == 0)
            return true;
        i = end + 1;
    }
    return false;
}

static bool line_holds(const char *line, size_t line_len, const char *expected)
{
    size_t first = strcspn(expected, " ");

    if (line_len < first || memcmp(line, expected, first) != 0 ||
        (line_len > first && line[first] != ' '))
        return false;
    for (const char *w = expected + first; *w != '\0';) { /* ends: goes behind a word or a blank */
        size_t len = strcspn(w, " ");

        if (len == 0) {
            w++;
            continue;
        }
        if (w[0] == '!' ? has_word(line, line_len, w + 1, len - 1)
                        : !has_word(line, line_len, w, len))
            return false;
        w += len;
    }
    return true;
}

bool facts_hold(const char *facts, const char *expected)
{
    bool wanted = strncmp(expected, "no ", 3) != 0, found = false;

    if (!wanted)
        expected += 3;
    for (const char *line = facts; *line != '\0';) { /* ends: each turn goes to the next line */
        size_t len = strcspn(line, "\n");

        found = found || line_holds(line, len, expected);
        line += len + (line[len] == '\n');
    }
    return found == wanted;
}
