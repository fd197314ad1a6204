/* system: see system.h. */
#include "diag/site/system.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"
#include "diag/model/site.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RESOLV_MAX = 1024 * 1024,     /* octets of resolv.conf */
    HOSTS_MAX = 32 * 1024 * 1024, /* of hosts: block lists of some people are long */
    RESOLVERS_MAX = 16,
    GLIBC_RESOLVERS = 3, /* MAXNS in <resolv.h> */
    SEARCH_MAX = 6,      /* MAXDNSRCH of its older versions */
};

static const char *const blanks = " \t\r";

static void note(struct site *s, struct arena *a, const char *text)
{
    list_push(a, s->notes, s->n_notes, arena_strdup(a, text));
}

/* The next line of *text without its end; NULL when there is none. */
static char *next_line(struct arena *a, const char **text)
{
    size_t len = strcspn(*text, "\n");
    char *line;

    if (**text == '\0')
        return NULL;
    line = arena_strndup(a, *text, len);
    *text += len;
    *text += **text == '\n';
    return line;
}

/* The content of a nameserver line ("nameserver ADDR", resolv.conf(5)); NULL for other lines. */
static char *nameserver(char *line)
{
    char *save, *word;

    if (strncmp(line, "nameserver", 10) != 0 || strchr(blanks, line[10]) == NULL ||
        line[10] == '\0')
        return NULL; /* glibc wants the keyword in the first column */
    word = strtok_r(line + 10, blanks, &save);
    return word == NULL || *word == '#' || *word == ';' ? NULL : word;
}

/*
 * The domains of a "search" or "domain" line, for names of a single label; the last such line
 * counts (resolv.conf(5)). What is no domain name is left out.
 */
static void read_search(struct site *s, struct arena *a, const char *line)
{
    static const char *const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-._";
    size_t keyword = strncmp(line, "search", 6) == 0 || strncmp(line, "domain", 6) == 0 ? 6 : 0;
    char *words, *save, *word;

    if (keyword == 0 || line[keyword] == '\0' || strchr(blanks, line[keyword]) == NULL)
        return;
    words = arena_strdup(a, line + keyword);
    s->search = NULL;
    s->n_search = 0;
    for (word = strtok_r(words, blanks, &save); word != NULL && s->n_search < SEARCH_MAX;
         word = strtok_r(NULL, blanks, &save)) {
        size_t len = strlen(word);

        if (len > 0 && word[len - 1] == '.')
            word[--len] = '\0';
        if (len > 0 && len <= 190 && word[0] != '.' && strspn(word, letters) == len)
            list_push(a, s->search, s->n_search, word);
    }
}

static bool is_known(const struct site *s, const struct addr *addr)
{
    for (size_t i = 0; i < s->n_resolvers; i++) {
        if (addr_equal(&s->resolvers[i]->addr, addr))
            return true;
    }
    return false;
}

/* systemd-resolved(8) listens on 127.0.0.53 and, as a plain forwarder, on 127.0.0.54. */
static bool is_stub(const struct addr *addr)
{
    return addr->family == AF_INET && memcmp(addr->ip, "\x7f\0\0", 3) == 0 &&
           (addr->ip[3] == 53 || addr->ip[3] == 54);
}

/* Which servers the stub asks is what a person who reads the report needs to know. */
static void note_upstreams(struct site *s, struct arena *a, const char *stub, const char *path)
{
    const char *text;
    char *line, *word, *list = NULL;
    size_t len, n = 0;

    if (file_read(a, path, RESOLV_MAX, &text, &len, NULL) != 0) {
        note(s, a,
             arena_printf(a,
                          "%s is systemd-resolved on this machine; which servers it asks is not "
                          "known (no %s)",
                          stub, path));
        return;
    }
    while ((line = next_line(a, &text)) != NULL && n < RESOLVERS_MAX) {
        struct addr addr;

        word = nameserver(line);
        if (word == NULL || !addr_parse(word, &addr))
            continue;
        list = list == NULL ? arena_strdup(a, word) : arena_printf(a, "%s, %s", list, word);
        n++;
    }
    note(
        s, a,
        list == NULL
            ? arena_printf(a, "%s is systemd-resolved on this machine, and it has no server to ask",
                           stub)
            : arena_printf(a, "%s is systemd-resolved on this machine, which asks %s", stub, list));
}

void system_resolvers(struct site *s, struct arena *a, const char *path, const char *upstreams)
{
    const char *text, *stub = NULL;
    char *line, *word;
    size_t len, first = s->n_resolvers, left_out = 0;

    if (file_read(a, path, RESOLV_MAX, &text, &len, NULL) != 0) {
        note(s, a, arena_printf(a, "%s cannot be read: this machine has no resolver", path));
        return;
    }
    while ((line = next_line(a, &text)) != NULL) {
        struct site_resolver *r;
        struct addr addr;

        read_search(s, a, line);
        word = nameserver(line);
        if (word == NULL)
            continue;
        if (!addr_parse(word, &addr)) {
            note(s, a,
                 arena_printf(a, "%s: nameserver \"%s\" is no address and is not used", path,
                              text_printable(a, word, strlen(word), 60)));
            continue;
        }
        addr.port = 53;
        if (is_known(s, &addr))
            continue;
        /* What nobody else asks tells nothing of what the others get. */
        if (s->n_resolvers - first == GLIBC_RESOLVERS) {
            left_out++;
            continue;
        }
        r = arena_new_of(a, struct site_resolver);
        r->addr = addr;
        r->source = path;
        list_push(a, s->resolvers, s->n_resolvers, r);
        if (is_stub(&addr) && stub == NULL)
            stub = word;
    }
    if (stub != NULL)
        note_upstreams(s, a, stub, upstreams);
    if (s->n_resolvers == first)
        note(s, a, arena_printf(a, "%s names no resolver", path));
    if (left_out > 0)
        note(s, a,
             arena_printf(a,
                          "%s names %zu resolvers; only the first %d are asked, as other programs "
                          "do (resolv.conf(5))",
                          path, GLIBC_RESOLVERS + left_out, GLIBC_RESOLVERS));
}

static void read_hosts_line(struct site *s, struct arena *a, char *line, unsigned number)
{
    char *save, *word;
    struct addr addr;

    line[strcspn(line, "#")] = '\0';
    word = strtok_r(line, blanks, &save);
    if (word == NULL || !addr_parse(word, &addr))
        return;
    while ((word = strtok_r(NULL, blanks, &save)) != NULL) {
        struct site_host entry = {.name = word, .addr = addr, .line = number};

        for (char *c = word; *c != '\0'; c++) {
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c - 'A' + 'a');
        }
        list_push(a, s->hosts, s->n_hosts, entry);
    }
}

static int by_name(const void *x, const void *y)
{
    const struct site_host *a = x, *b = y;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

void system_hosts(struct site *s, struct arena *a, const char *path)
{
    const char *text;
    unsigned number = 0;
    char *line;
    size_t len;

    if (access(path, F_OK) != 0 || file_read(a, path, HOSTS_MAX, &text, &len, NULL) != 0)
        return;
    s->hosts_file = path;
    while ((line = next_line(a, &text)) != NULL)
        read_hosts_line(s, a, line, ++number);
    if (s->n_hosts > 0)
        qsort(s->hosts, s->n_hosts, sizeof s->hosts[0], by_name);
}
