/* words_facts: what a step and a flow knew, in words. See words.h. */
#include "diag/base/buf.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One line being put together, and where it goes. */
struct line {
    words_fact *add;
    void *context;
    struct buf text;
};

static void send(struct line *l, const char *label)
{
    if (l->text.len > 0)
        l->add(l->context, label, buf_text(&l->text));
    buf_clear(&l->text);
}

static void comma(struct line *l)
{
    if (l->text.len > 0)
        buf_str(&l->text, ", ");
}

static void add_str(struct line *l, const char *before, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    comma(l);
    buf_str(&l->text, before);
    buf_str(&l->text, s);
}

static void add_int(struct line *l, const char *before, int64_t n, const char *after)
{
    if (n == INT_UNKNOWN)
        return;
    comma(l);
    buf_printf(&l->text, "%s%" PRId64 "%s", before, n, after);
}

static void add_time(struct line *l, const char *before, int64_t us)
{
    if (us == INT_UNKNOWN)
        return;
    comma(l);
    buf_str(&l->text, before);
    words_duration(us, &l->text);
}

static void add_list(struct line *l, const char *before, const char **list, size_t n, size_t most)
{
    for (size_t i = 0; i < n && i < most; i++)
        add_str(l, i == 0 ? before : "", list[i]);
    if (n > most)
        buf_printf(&l->text, ", and %zu more", n - most);
}

static void sock_facts(struct line *l, const struct sock *s)
{
    if (s == NULL)
        return;
    add_time(l, "round trip ", s->rtt_us);
    add_int(l, "MSS ", s->mss, "");
    add_int(l, "path MTU ", s->pmtu, "");
    add_int(l, "sent ", s->sent, "");
    add_int(l, "acknowledged ", s->acked, "");
    add_int(l, "received ", s->received, "");
    if (s->retransmits != INT_UNKNOWN && s->retransmits > 0)
        add_int(l, "", s->retransmits, " retransmitted");
    send(l, "socket");
}

static void dns_facts(struct line *l, const struct dns_detail *d)
{
    add_list(l, "", d->addresses, d->n_addresses, 8);
    send(l, "addresses");
    for (size_t i = 0; i < d->n_lookups; i++) {
        const struct lookup *q = d->lookups[i];

        add_list(l, "via ", q->cnames, q->n_cnames, 4);
        add_int(l, "TTL ", q->ttl, " s");
        add_time(l, "", q->duration_us);
        add_str(l, "over ", q->transport);
        add_str(l, "", q->error);
        send(l, q->type == NULL ? "query" : q->type);
    }
    add_list(l, "", d->tags, d->n_tags, 6);
    send(l, "service tags");
    if (d->disagrees)
        l->add(l->context, "resolvers", "another resolver says otherwise");
    if (d->source != NULL && strcmp(d->source, "resolver") != 0)
        l->add(l->context, "source", d->source);
}

/* "TTL 3 | 10.0.0.1, time exceeded, 0.4 ms"; a row of silent ones is one line. */
static void trace_facts(struct line *l, const struct tcp_detail *d)
{
    char label[48];

    for (size_t i = 0, end; i < d->n_trace; i = end) {
        const struct trace_hop *hop = d->trace[i];

        for (end = i + 1; end < d->n_trace && hop->answer == NULL &&
                          d->trace[end]->answer == NULL &&
                          d->trace[end]->ttl == d->trace[end - 1]->ttl + 1;)
            end++;
        if (end - i > 1)
            snprintf(label, sizeof label, "TTL %" PRId64 " to %" PRId64, hop->ttl,
                     d->trace[end - 1]->ttl);
        else
            snprintf(label, sizeof label, "TTL %" PRId64, hop->ttl);
        add_str(l, "", hop->router);
        add_str(l, "",
                hop->icmp != NULL     ? hop->icmp
                : hop->answer != NULL ? hop->answer
                                      : "no answer");
        add_time(l, "", hop->rtt_us);
        send(l, label);
    }
}

static void tcp_facts(struct line *l, const struct tcp_detail *d)
{
    add_str(l, "", d->error);
    add_str(l, "from ", d->source);
    add_str(l, "out of ", d->interface);
    add_str(l, "gateway ", d->gateway);
    add_str(l, "neighbour ", d->neighbour);
    if (d->link_down)
        add_str(l, "", "link down");
    if (d->syn_retransmits != INT_UNKNOWN && d->syn_retransmits > 0)
        add_int(l, "", d->syn_retransmits, " SYN sent again");
    send(l, "kernel");
    sock_facts(l, d->sock);
    trace_facts(l, d);
}

static void tunnel_facts(struct line *l, const struct tunnel_detail *d)
{
    add_str(l, "CONNECT ", d->request);
    add_str(l, "credentials: ", d->auth_offered);
    send(l, "asked");
    add_int(l, "", d->received, " octets received");
    if (d->body_complete == TRI_NO)
        add_int(l, "body cut after ", d->body_len, " octets");
    add_int(l, "announced ", d->content_length, "");
    add_str(l, "", d->error);
    send(l, "answer");
    sock_facts(l, d->sock);
}

static void cert_facts(struct line *l, const struct cert *c)
{
    add_str(l, "", c->subject_cn == NULL ? c->subject : c->subject_cn);
    add_str(l, "issued by ", c->issuer_cn == NULL ? c->issuer : c->issuer_cn);
    if (c->issuer_o != NULL)
        buf_printf(&l->text, " (%s)", c->issuer_o);
    if (c->not_before != NULL && c->not_after != NULL)
        buf_printf(&l->text, ", valid %.10s to %.10s", c->not_before, c->not_after);
    add_str(l, "", c->key);
    send(l, "certificate");
}

static void tls_facts(struct line *l, const struct tls_detail *d)
{
    add_str(l, "", d->version);
    add_str(l, "", d->cipher);
    add_str(l, "", d->group);
    add_str(l, "server name ", d->sni);
    add_int(l, "ClientHello ", d->hello_len, " octets");
    if (d->reached != NULL && strcmp(d->reached, "finished") != 0)
        add_str(l, "got as far as ", d->reached);
    add_int(l, "", d->received, " octets received");
    add_str(l, "", d->error);
    send(l, "handshake");
    for (size_t i = 0; i < d->n_chain; i++)
        cert_facts(l, d->chain[i]);
    for (size_t i = 0; i < d->n_chain_errors; i++) {
        add_str(l, "", d->chain_errors[i]->name);
        add_str(l, "at ", d->chain_errors[i]->subject);
        send(l, "not accepted");
    }
    if (d->trusted != TRI_UNKNOWN)
        add_str(l, "", d->trusted == TRI_YES ? "by this machine" : "NOT by this machine");
    if (d->public_trust != TRI_UNKNOWN)
        add_str(l, "", d->public_trust == TRI_YES ? "by public roots" : "NOT by public roots");
    add_str(l, "anchor ", d->anchor);
    send(l, "trusted");
    add_str(l, "", d->ocsp);
    send(l, "OCSP");
    sock_facts(l, d->sock);
}

static void app_facts(struct line *l, const struct app_detail *d)
{
    add_str(l, "", d->request);
    send(l, "asked");
    if (d->idle_us != INT_UNKNOWN && d->idle_us > 0) {
        add_int(l, "", d->idle_us / 1000, " ms without traffic");
        send(l, "left alone");
    }
    add_str(l, "", d->kind);
    add_str(l, "", d->error);
    send(l, "answer");
    sock_facts(l, d->sock);
}

void words_facts(const struct step *s, words_fact *add, void *context)
{
    struct line l = {.add = add, .context = context};

    if (s->detail == NULL)
        return;
    buf_init(&l.text, 1 << 20);
    switch (s->step) {
    case STEP_RESOLVE:
        dns_facts(&l, step_dns(s));
        break;
    case STEP_CONNECT:
        tcp_facts(&l, step_tcp(s));
        break;
    case STEP_TUNNEL:
    case STEP_HTTP:
        tunnel_facts(&l, step_tunnel(s));
        break;
    case STEP_TLS:
        tls_facts(&l, step_tls(s));
        break;
    case STEP_APP:
        app_facts(&l, step_app(s));
        break;
    }
    buf_free(&l.text);
}

static void status_line(struct line *l, const char *version, int64_t status, const char *reason)
{
    if (status == INT_UNKNOWN)
        return;
    buf_printf(&l->text, "%s %" PRId64 " %s", version == NULL ? "HTTP" : version, status,
               reason == NULL ? "" : reason);
    send(l, "status");
}

static void header(struct line *l, const char *name, const char *value)
{
    if (value != NULL)
        l->add(l->context, name, value);
}

static void tunnel_said(struct line *l, const struct tunnel_detail *d)
{
    status_line(l, d->version, d->status, d->reason);
    header(l, "Via", d->via);
    header(l, "Proxy-Status", d->proxy_status);
    header(l, "X-Cache", d->x_cache);
    header(l, "X-Squid-Error", d->x_squid_error);
    for (size_t i = 0; i < d->n_proxy_authenticate; i++)
        header(l, "Proxy-Authenticate", d->proxy_authenticate[i]);
    header(l, "Server", d->server);
    header(l, "Location", d->location);
    header(l, "title", d->title);
    header(l, "generated by", d->generated_by);
    header(l, "body", d->body);
    header(l, "first bytes", d->first_bytes);
}

static void app_said(struct line *l, const struct app_detail *d)
{
    status_line(l, NULL, d->status, d->reason);
    header(l, "Server", d->server);
    header(l, "Location", d->location);
    header(l, "title", d->title);
    header(l, "body", d->body);
}

static void dns_said(struct line *l, const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        const struct lookup *q = d->lookups[i];

        add_str(l, "", q->type);
        add_str(l, "", q->rcode == NULL ? names_word(&outcome_names, (int)q->outcome) : q->rcode);
        send(l, "response code");
    }
}

void words_far_side(const struct step *s, words_fact *add, void *context)
{
    struct line l = {.add = add, .context = context};

    if (s->detail == NULL)
        return;
    buf_init(&l.text, 1 << 20);
    switch (s->step) {
    case STEP_RESOLVE:
        dns_said(&l, step_dns(s));
        break;
    case STEP_CONNECT:
        add_str(&l, "", step_tcp(s)->icmp);
        add_str(&l, "from ", step_tcp(s)->icmp_from);
        send(&l, "ICMP");
        break;
    case STEP_TUNNEL:
    case STEP_HTTP:
        tunnel_said(&l, step_tunnel(s));
        break;
    case STEP_TLS:
        header(&l, "alert", step_tls(s)->alert);
        header(&l, "version", step_tls(s)->peer_version);
        header(&l, "first bytes", step_tls(s)->first_bytes);
        break;
    case STEP_APP:
        app_said(&l, step_app(s));
        break;
    }
    buf_free(&l.text);
}

static void add_resets(struct line *l, const struct flow *f)
{
    if (f->resets == INT_UNKNOWN || f->resets == 0)
        return;
    add_int(l, "", f->resets, f->resets == 1 ? " reset" : " resets");
    add_int(l, "TTL of the reset ", f->reset_ttl, "");
    add_int(l, "of the peer ", f->peer_ttl, "");
    if (f->reset_foreign == TRI_YES)
        add_str(l, "", "the peer did not send it");
}

void words_flow(const struct flow *f, struct buf *to)
{
    struct line l = {.add = NULL};

    buf_init(&l.text, 1 << 20);
    buf_printf(&l.text, "%s > %s %s", f->src == NULL ? "?" : f->src, f->dst == NULL ? "?" : f->dst,
               f->proto == NULL ? "" : f->proto);
    add_str(&l, "", f->state);
    add_int(&l, "", f->packets, " packets");
    add_int(&l, "", f->bytes, " octets");
    add_time(&l, "SYN to SYN-ACK ", f->syn_rtt_us);
    if (f->retransmits != INT_UNKNOWN && f->retransmits > 0)
        add_int(&l, "", f->retransmits, " sent again");
    add_resets(&l, f);
    add_str(&l, "ICMP ", f->icmp);
    if (f->icmp_from != NULL)
        buf_printf(&l.text, " from %s", f->icmp_from);
    add_int(&l, "next-hop MTU ", f->icmp_mtu, "");
    add_int(&l, "segments vanish from ", f->lost_len, " octets on");
    if (f->lost_len !=
        INT_UNKNOWN) /* where nothing vanishes, the largest that passed says nothing */
        add_int(&l, "up to ", f->passed_len, " octets pass");
    if (f->zero_window)
        add_str(&l, "", "zero window");
    for (size_t i = 0; i < f->n_frames; i++)
        buf_printf(&l.text, "%s%" PRId64, i == 0 ? ", frames " : " ", f->frames[i]);
    buf_add(to, buf_text(&l.text), l.text.len);
    buf_free(&l.text);
}
