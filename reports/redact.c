/* redact: see redact.h. First every name that a report betrays is learned, then all is replaced. */
#include "reports/redact.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/redact_parts.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LIMIT = 1 << 20 };

struct redactor *redact_new(void)
{
    struct arena *a = arena_new();
    struct redactor *rd = arena_new_of(a, struct redactor);
    struct dict *const dicts[] = {&rd->names,    &rd->addresses, &rd->networks, &rd->hosts,
                                  &rd->labels,   &rd->users,     &rd->files,    &rd->interfaces,
                                  &rd->machines, &rd->kept,      &rd->tails,    &rd->given};

    rd->arena = a;
    for (size_t i = 0; i < sizeof dicts / sizeof dicts[0]; i++)
        dict_init(dicts[i], a);
    return rd;
}

void redact_free(struct redactor *rd)
{
    if (rd != NULL)
        arena_free(rd->arena);
}

/* --- learning --- */

/* Words that our own sentences are made of: a machine of such a name is named by none. */
static bool is_plain_word(const char *s)
{
    static const char *const words[] = {
        "sensor", "endpoint", "resolver", "direct", "proxy", "proxies", "hop",   "site",  "network",
        "cloud",  "dns",      "tls",      "tcp",    "http",  "https",   "squid", "cache", "none",
        "the",    "from",     "miss",     "hit",    "and",   "over",    "pass",  "fail",  "host"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_equal_nocase(s, words[i]))
            return true;
    }
    return strlen(s) < 2;
}

static void learn_name(struct redactor *rd, const char *name, const char *pseudonym)
{
    if (name == NULL || is_plain_word(name) || dict_get(&rd->names, name, strlen(name)) != NULL ||
        strcmp(name, pseudonym) == 0)
        return;
    dict_put(&rd->names, name, strlen(name), pseudonym);
}

void redact_learn_interface(struct redactor *rd, const char *name)
{
    if (name != NULL)
        learn_name(rd, name, redact_interface(rd, name));
}

/* A machine's name from a place where it has no dots to be recognised by. */
static void learn_host(struct redactor *rd, const char *s, size_t len)
{
    const char *dot = memchr(s, '.', len);
    const size_t first = dot == NULL ? len : (size_t)(dot - s);
    char label[64];

    if (first == 0 || first >= sizeof label || (dot != NULL && redact_is_public_name(rd, s, len)))
        return;
    memcpy(label, s, first);
    label[first] = '\0';
    if (is_plain_word(label) || strspn(label, "0123456789.") == first ||
        redact_address(rd, s, len) != NULL || dict_get(&rd->names, label, first) != NULL ||
        dict_get(&rd->machines, label, first) != NULL)
        return;
    redact_host(rd, s, len);
    dict_put(&rd->machines, label, first, redact_host(rd, label, first));
}

/* The word behind the first blank ("1.1 proxy-b (squid/5.7)") of each element of a Via. */
static void learn_via(struct redactor *rd, const char *via)
{
    while (via != NULL && *via != '\0') {
        const size_t element = strcspn(via, ",");
        const char *blank = memchr(via + strspn(via, " "), ' ', element);

        if (blank != NULL && blank < via + element)
            learn_host(rd, blank + 1, strcspn(blank + 1, " ,:("));
        via += element;
        via += strspn(via, ", ");
    }
}

/* "MISS from proxy-b", "MISS from proxy-b:3128". */
static void learn_from(struct redactor *rd, const char *s)
{
    const char *from = s == NULL ? NULL : strstr(s, "from ");

    if (from != NULL)
        learn_host(rd, from + 5, strcspn(from + 5, " ,:;("));
}

static void learn_quote(struct redactor *rd, const char *s)
{
    char text[64];

    if (s != NULL && dict_get(&rd->names, s, strlen(s)) == NULL &&
        redact_quote(rd, s, text, sizeof text))
        learn_name(rd, s, text);
}

static void learn_quotes(struct redactor *rd, const struct step *s)
{
    const struct tunnel_detail *tunnel = step_tunnel(s);
    const struct tls_detail *tls = step_tls(s);
    const struct app_detail *app = step_app(s);

    if (tunnel != NULL) {
        learn_quote(rd, tunnel->first_bytes);
        learn_quote(rd, tunnel->title);
        learn_quote(rd, tunnel->reason);
    }
    if (app != NULL) {
        learn_quote(rd, app->title);
        learn_quote(rd, app->reason);
    }
    if (tls != NULL)
        learn_quote(rd, tls->first_bytes);
}

static void learn_url(struct redactor *rd, const char *url)
{
    const char *host = url == NULL ? NULL : strstr(url, "://");
    const char *at;

    if (host == NULL)
        return;
    host += 3;
    at = strchr(host, '@');
    if (at != NULL && (size_t)(at - host) < strcspn(host, "/")) {
        redact_user(rd, host, strcspn(host, ":@"));
        host = at + 1;
    }
    if (*host != '[')
        learn_host(rd, host, strcspn(host, ":/"));
}

static void learn_step(struct redactor *rd, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);
    const struct dns_detail *dns = step_dns(s);
    const struct tcp_detail *tcp = step_tcp(s);

    redact_learn_interface(rd, dns == NULL ? NULL : dns->interface);
    redact_learn_interface(rd, tcp == NULL ? NULL : tcp->interface);
    if (d == NULL)
        return;
    learn_via(rd, d->via);
    learn_from(rd, d->x_cache);
    if (d->generated_by != NULL)
        learn_host(rd, d->generated_by, strcspn(d->generated_by, " (:"));
    if (d->proxy_status != NULL)
        learn_host(rd, d->proxy_status, strcspn(d->proxy_status, " ;,\""));
}

/* Endpoints of the built-in lists keep their names, whatever their domain. */
static void learn_endpoints(struct redactor *rd, const struct report *r)
{
    for (size_t i = 0; i < r->n_endpoints; i++) {
        const struct endpoint *e = r->endpoints[i];
        const char *host = e->host;

        if (host == NULL || !e->public_name || e->source == NULL ||
            strncmp(e->source, "profile ", 8) != 0)
            continue;
        if (strncmp(host, "*.", 2) == 0)
            host += 2;
        if (strchr(host, '.') != NULL)
            redact_keep_name(rd, host);
    }
}

/* Files of the command line: a path is recognised by its slashes, "werk-nord.yaml" by nothing. */
static void learn_files(struct redactor *rd, const struct report *r)
{
    static const char *const of_files[] = {
        "--site=",       "--proxy-password-file=", "--ca-file=",     "--proxy-ca-file=",
        "--proxy-cert=", "--proxy-key=",           "--service-tags="};

    for (size_t i = 0; i < r->run->n_again; i++) {
        for (size_t k = 0; k < sizeof of_files / sizeof of_files[0]; k++) {
            const size_t len = strlen(of_files[k]);
            const char *file = r->run->again[i] + len;

            if (strncmp(r->run->again[i], of_files[k], len) == 0 && strchr(file, '/') == NULL)
                learn_name(rd, file, redact_file(rd, file, strlen(file)));
        }
    }
}

static void learn_wire(struct redactor *rd, const struct wire *w)
{
    for (size_t i = 0; w != NULL && i < w->n_flows; i++) {
        redact_learn_interface(rd, w->flows[i]->interface);
        redact_learn_interface(rd, w->flows[i]->interface_back);
    }
}

static void learn(struct redactor *rd, const struct report *r)
{
    char text[32];

    learn_endpoints(rd, r);
    learn_files(rd, r);
    /* Hops first: their names stand in routes, and must become the same in every report. */
    for (size_t i = 0; i < r->n_hops; i++) {
        snprintf(text, sizeof text, "hop%zu", i + 1);
        learn_name(rd, r->hops[i]->name, text);
    }
    if (r->site->name != NULL &&
        dict_get(&rd->names, r->site->name, strlen(r->site->name)) == NULL) {
        snprintf(text, sizeof text, "site-%zu", ++rd->n_sites);
        learn_name(rd, r->site->name, text);
    }
    if (r->site->sensor != NULL &&
        dict_get(&rd->names, r->site->sensor, strlen(r->site->sensor)) == NULL) {
        snprintf(text, sizeof text, "sensor-%zu", ++rd->n_sensors);
        learn_name(rd, r->site->sensor, text);
    }
    redact_learn_interface(rd, r->site->interface);
    redact_learn_interface(rd, r->capture->interface);
    for (size_t i = 0; i < r->capture->n_interfaces; i++)
        redact_learn_interface(rd, r->capture->interfaces[i]);
    for (size_t i = 0; i < r->n_hops; i++) {
        learn_url(rd, r->hops[i]->url);
        for (size_t k = 0; k < r->hops[i]->n_steps; k++)
            learn_step(rd, r->hops[i]->steps[k]);
    }
    for (size_t i = 0; i < r->n_results; i++) {
        for (size_t k = 0; k < r->results[i]->n_steps; k++)
            learn_step(rd, r->results[i]->steps[k]);
        learn_wire(rd, r->results[i]->wire);
    }
    /* Last: what is known as a name by now keeps that pseudonym. */
    for (size_t i = 0; i < r->n_results; i++) {
        for (size_t k = 0; k < r->results[i]->n_steps; k++)
            learn_quotes(rd, r->results[i]->steps[k]);
    }
}

/* --- replacing --- */

const char *redact_text(struct redactor *rd, struct arena *a, const char *s)
{
    const char *copy;
    struct buf b;

    if (s == NULL)
        return NULL;
    buf_init(&b, TEXT_LIMIT);
    redact_scan(rd, s, &b);
    /* Rather nothing than half of a replacement. */
    copy = b.overflow ? "(too long to be redacted)" : arena_strdup(a, buf_text(&b));
    buf_free(&b);
    return copy;
}

/* Free text of strangers: nobody can tell what is in it. */
static bool is_dropped(const struct shape *shape, const char *key)
{
    return (shape == &tunnel_detail_shape || shape == &app_detail_shape ||
            shape == &tls_detail_shape) &&
           (strcmp(key, "body") == 0 || strcmp(key, "first_bytes") == 0);
}

/* Our own words and numbers, which look like names to the scanner. */
static bool is_ours(const struct shape *shape, const char *key)
{
    return shape == &tool_shape || (shape == &report_shape && strcmp(key, "schema") == 0) ||
           (shape == &run_shape && (strcmp(key, "id") == 0 || strcmp(key, "started") == 0 ||
                                    strcmp(key, "finished") == 0));
}

/* Files are named by users, and paths name users: "FILE:12" keeps its line, nothing else. */
static const char *redact_place(struct redactor *rd, struct arena *a, const char *s)
{
    const size_t len = strcspn(s, ":");
    const char *line =
        s[len] == ':' && strspn(s + len + 1, "0123456789") == strlen(s + len + 1) ? s + len : "";

    if (strcmp(s, "command line") == 0 || strncmp(s, "profile ", 8) == 0)
        return s;
    return arena_printf(a, "%s%s", redact_file(rd, s, len), line);
}

static void redact_object(struct redactor *rd, struct arena *a, void *object,
                          const struct shape *shape);

static void redact_str(struct redactor *rd, struct arena *a, const char **s,
                       const struct shape *shape, const char *key)
{
    if (*s == NULL || is_ours(shape, key))
        return;
    if (is_dropped(shape, key))
        *s = "(redacted)";
    else if ((shape == &endpoint_shape && strcmp(key, "source") == 0) ||
             (shape == &capture_shape && strcmp(key, "file") == 0))
        *s = redact_place(rd, a, *s);
    else if (shape == &tunnel_detail_shape && strcmp(key, "proxy_authenticate") == 0)
        /* the scheme; the realm names the owner */
        *s = redact_text(rd, a, arena_strndup(a, *s, strcspn(*s, " ")));
    else
        *s = redact_text(rd, a, *s);
}

static void redact_field(struct redactor *rd, struct arena *a, char *object,
                         const struct shape *shape, const struct field *f)
{
    void *at = object + f->offset;
    size_t n = 0;

    if (f->kind == FIELD_STRS || f->kind == FIELD_OBJS)
        memcpy(&n, object + f->count_offset, sizeof n);
    switch (f->kind) {
    case FIELD_STR:
        redact_str(rd, a, at, shape, f->key);
        break;
    case FIELD_STRS:
        for (size_t i = 0; i < n; i++)
            redact_str(rd, a, &(*(const char ***)at)[i], shape, f->key);
        break;
    case FIELD_OBJ:
        if (*(void **)at != NULL)
            redact_object(rd, a, *(void **)at, f->shape);
        break;
    case FIELD_OBJS:
        for (size_t i = 0; i < n; i++)
            redact_object(rd, a, (*(void ***)at)[i], f->shape);
        break;
    case FIELD_DETAIL:
        if (*(void **)at != NULL)
            redact_object(rd, a, *(void **)at,
                          step_detail_shape(((struct step *)(void *)object)->step));
        break;
    case FIELD_INT:
    case FIELD_MS:
    case FIELD_BOOL:
    case FIELD_TRI:
    case FIELD_NAME:
    case FIELD_INTS:
        break;
    }
}

static void redact_object(struct redactor *rd, struct arena *a, void *object,
                          const struct shape *shape)
{
    for (size_t i = 0; i < shape->n_fields; i++)
        redact_field(rd, a, object, shape, &shape->fields[i]);
    *(const char **)(void *)((char *)object + shape->unknown_offset) = NULL;
}

void redact_report(struct redactor *rd, struct report *r)
{
    learn(rd, r);
    redact_object(rd, r->arena, r, &report_shape);
    report_note(r, "redacted: addresses, user names and internal names are pseudonyms");
}

/* --- the key --- */

static int add_key(json_t *key, const struct dict *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (json_object_get(key, d->entries[i].to) == NULL &&
            json_object_set_new(key, d->entries[i].to, json_string(d->entries[i].from)) != 0)
            return -1;
    }
    return 0;
}

int redact_write_key(const struct redactor *rd, FILE *out)
{
    const struct dict *const dicts[] = {&rd->names, &rd->addresses, &rd->hosts,     &rd->labels,
                                        &rd->users, &rd->files,     &rd->interfaces};
    json_t *key = json_object();
    int result = key == NULL ? -1 : 0;

    for (size_t i = 0; result == 0 && i < sizeof dicts / sizeof dicts[0]; i++)
        result = add_key(key, dicts[i]);
    if (result == 0)
        result = json_dumpf(key, out, JSON_INDENT(1));
    if (result == 0 && fputc('\n', out) == EOF)
        result = -1;
    json_decref(key);
    return result;
}
