/*
 * endpoint_csv: endpoint lists as CSV (RFC 4180), with comma, semicolon or tab.
 *
 * A header that names a column of hosts is obeyed strictly; without one, every field that is
 * plausibly an endpoint is one, and a number behind it its port.
 */
#include "diag/site/endpoint_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/endpoints.h"
#include "diag/site/plausible.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIELDS_MAX = 256, PORTS_MAX = 16, SERVICE_MAX = 80 };

struct record {
    const char *fields[FIELDS_MAX]; /* trimmed */
    size_t n;
    unsigned long line; /* where it begins */
};

struct csv {
    struct endpoint_file *file;
    const char *p;
    unsigned long line;
    char separator;
    size_t host, port, service; /* columns; FIELDS_MAX: none */
};

static const char *skip_comments(const char *p, unsigned long *line)
{
    for (;;) {
        const char *start = p + strspn(p, " \t\r");

        if (*start == '\n') {
            p = start + 1;
        } else if (*start == '#') {
            p = start + strcspn(start, "\n");
            p += *p == '\n';
        } else {
            return *start == '\0' ? start : p;
        }
        (*line)++;
    }
}

char endpoint_csv_separator(const char *text)
{
    unsigned long line = 1;
    const char *p = skip_comments(text, &line);
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;

    for (; *p != '\0' && (*p != '\n' || quoted); p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p == '#' && (p[-1] == ' ' || p[-1] == '\t'))
            break; /* a comment behind an endpoint in plain text */
        else if (!quoted)
            commas += *p == ',', semicolons += *p == ';', tabs += *p == '\t';
    }
    if (tabs > 0 && tabs >= commas && tabs >= semicolons)
        return '\t';
    if (semicolons > 0 && semicolons >= commas)
        return ';';
    return commas > 0 ? ',' : '\0';
}

/* One field behind c->p, which then stands at the separator, the line end or the end. */
static int read_field(struct csv *c, const char **out, struct fault *f)
{
    size_t n = 0, start = 0, room;
    unsigned long line = c->line;
    char *field;

    while (*c->p == ' ' || (*c->p == '\t' && c->separator != '\t'))
        c->p++;
    if (*c->p != '"') {
        room = 0;
        while (c->p[room] != '\0' && c->p[room] != '\n' && c->p[room] != c->separator)
            room++;
        field = arena_strndup(c->file->arena, c->p, room);
        n = room;
        c->p += room;
    } else {
        const char *end = c->p + 1;

        while (*end != '\0' && (*end != '"' || end[1] == '"'))
            end += *end == '"' ? 2 : 1;
        if (*end == '\0')
            return fault_at(f, c->file->label, line,
                            "a quoted field does not end; close the quote");
        field = arena_alloc(c->file->arena, (size_t)(end - c->p) + 1);
        for (const char *p = c->p + 1; p < end; p++) {
            if (*p == '"')
                p++; /* "" stands for one */
            c->line += *p == '\n';
            field[n++] = *p;
        }
        c->p = end + 1;
        c->p += strspn(c->p, " \r");
        if (*c->p != '\0' && *c->p != '\n' && *c->p != c->separator)
            return fault_at(f, c->file->label, c->line,
                            "text stands behind a quoted field; double the quotes inside it");
    }
    while (n > 0 && strchr(" \t\r\n", field[n - 1]) != NULL)
        field[--n] = '\0';
    start = strspn(field, " \t\r\n");
    *out = field + start;
    return 0;
}

/* The next record; 1, 0 at the end, -1 with a fault. */
static int read_record(struct csv *c, struct record *r, struct fault *f)
{
    c->p = skip_comments(c->p, &c->line);
    r->n = 0;
    r->line = c->line;
    if (*c->p == '\0')
        return 0;
    for (;;) {
        if (r->n == FIELDS_MAX)
            return fault_at(f, c->file->label, r->line, "more than %d fields; is it CSV?",
                            FIELDS_MAX);
        if (read_field(c, &r->fields[r->n], f) != 0)
            return -1;
        r->n++;
        if (*c->p != c->separator)
            break;
        c->p++;
    }
    if (*c->p == '\n') {
        c->p++;
        c->line++;
    }
    return 1;
}

/* The column with one of these titles, the first title preferred; FIELDS_MAX when none. */
static size_t column(const struct record *header, const char *const *titles, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        for (size_t i = 0; i < header->n; i++) {
            char word[40];
            size_t len = 0;

            for (const char *p = header->fields[i]; *p != '\0' && len < sizeof word - 1; p++) {
                if (strchr(" _-()*", *p) == NULL)
                    word[len++] = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
            }
            word[len] = '\0';
            if (strcmp(word, titles[t]) == 0)
                return i;
        }
    }
    return FIELDS_MAX;
}

static bool read_header(struct csv *c, const struct record *first)
{
    static const char *const hosts[] = {
        "fqdn",     "fqdns",      "host",        "hosts",   "hostname", "hostnames",
        "endpoint", "endpoints",  "url",         "urls",    "uri",      "domain",
        "domains",  "domainname", "destination", "address", "server",   "dnsname"};
    static const char *const ports[] = {"port",     "ports",           "tcpport",
                                        "tcpports", "destinationport", "portnumber"};
    static const char *const services[] = {"service",  "servicename", "purpose",
                                           "category", "description", "comment"};

    c->host = column(first, hosts, sizeof hosts / sizeof hosts[0]);
    c->port = column(first, ports, sizeof ports / sizeof ports[0]);
    c->service = column(first, services, sizeof services / sizeof services[0]);
    return c->host != FIELDS_MAX;
}

/* "443", "443;8883", "TCP/443": every number in it. -1 with a fault when it has none. */
static int read_ports(struct csv *c, const struct record *r, uint16_t *ports, size_t *n,
                      struct fault *f)
{
    const char *text = r->fields[c->port], *p = text;

    *n = 0;
    while (*(p += strcspn(p, "0123456789")) != '\0') {
        size_t len = strspn(p, "0123456789");
        unsigned long port;

        if (!text_parse_uint(arena_strndup(c->file->arena, p, len), 65535, &port) || port == 0 ||
            p[len] == '-' || *n == PORTS_MAX)
            break;
        ports[(*n)++] = (uint16_t)port;
        p += len;
    }
    if (*p != '\0' || (*n == 0 && *text != '\0'))
        return fault_at(f, c->file->label, r->line,
                        "\"%s\" is no port; write numbers from 1 to 65535",
                        text_printable(c->file->arena, text, strlen(text), 80));
    return 0;
}

/* A record under a header. The field may hold several hosts; an empty one is a title or a rest. */
static int read_titled(struct csv *c, const struct record *r, struct fault *f)
{
    struct endpoint_facts facts = {0};
    uint16_t ports[PORTS_MAX];
    size_t n_ports = 0, i;

    if (c->host >= r->n)
        return 0;
    if (c->port < r->n && read_ports(c, r, ports, &n_ports, f) != 0)
        return -1;
    if (c->service < r->n && r->fields[c->service][0] != '\0')
        facts.service = text_printable(c->file->arena, r->fields[c->service],
                                       strlen(r->fields[c->service]), SERVICE_MAX);
    for (const char *p = r->fields[c->host]; *(p += strspn(p, " ,;\t\r\n")) != '\0';) {
        size_t len = strcspn(p, " ,;\t\r\n");

        i = 0;
        do {
            facts.port = i < n_ports ? ports[i] : 0;
            if (endpoint_file_add(c->file, r->line, p, len, &facts, f) != 0)
                return -1;
        } while (++i < n_ports);
        p += len;
    }
    return 0;
}

/* `first`: a line of titles that we do not know may stand at the top. */
static int read_untitled(struct csv *c, const struct record *r, bool first, struct fault *f)
{
    size_t before = c->file->found + c->file->doubtful;

    for (size_t i = 0; i < r->n; i++) {
        const char *field = r->fields[i];
        struct endpoint_facts facts = {0};
        unsigned long port;

        switch (plausible_endpoint(c->file->arena, field, strlen(field), KEY_NEUTRAL)) {
        case PLAUSIBLE_NO:
            continue;
        case PLAUSIBLE_DOUBT:
            endpoint_file_doubt(c->file, field, strlen(field));
            continue;
        case PLAUSIBLE_YES:
            break;
        }
        if (i + 1 < r->n && text_parse_uint(r->fields[i + 1], 65535, &port))
            facts.port = (uint16_t)port;
        if (endpoint_file_add(c->file, r->line, field, strlen(field), &facts, f) != 0)
            return -1;
    }
    if (!first && c->file->found + c->file->doubtful == before)
        endpoint_file_doubt(c->file, r->fields[0], strlen(r->fields[0]));
    return 0;
}

int endpoint_csv_read(struct endpoint_file *file, const char *text, struct fault *f)
{
    struct csv c = {.file = file, .p = text, .line = 1, .separator = endpoint_csv_separator(text)};
    struct record r;
    bool titled = false, first = true;
    int rc;

    while ((rc = read_record(&c, &r, f)) == 1) {
        titled = first ? read_header(&c, &r) : titled;
        if (!(first && titled) &&
            (titled ? read_titled(&c, &r, f) : read_untitled(&c, &r, first, f)) != 0)
            return -1;
        first = false;
    }
    return rc;
}
