/* story: see story.h and README.md. */
#include "tests/wire/story.h"

#include "tests/wire/story_play.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 32 };

static const int64_t epoch_us = 1800000000000000; /* some day in 2027 */

static int add_host(struct play *p, char **words, size_t n)
{
    struct host *h = &p->hosts[p->n_hosts];

    if (n < 3 || p->n_hosts == HOSTS || !addr_parse(words[1], &h->addr))
        return mistake(p, "host NAME ADDRESS TTL");
    snprintf(h->name, sizeof h->name, "%s", words[0]);
    h->ttl = (unsigned)atoi(words[2]);
    p->n_hosts++;
    return 0;
}

static int add_flow(struct play *p, char **words, size_t n)
{
    struct flow *f = &p->flows[p->n_flows];

    if (n < 3 || p->n_flows == FLOWS)
        return mistake(p, "flow NAME HOST:PORT HOST:PORT");
    snprintf(f->name, sizeof f->name, "%s", words[0]);
    for (int d = 0; d < 2; d++) {
        char *colon = strrchr(words[1 + d], ':');

        if (colon == NULL)
            return mistake(p, "%s has no port", words[1 + d]);
        *colon = '\0';
        f->end[d].host = host_of(p, words[1 + d]);
        f->end[d].port = (uint16_t)atoi(colon + 1);
        /* near the end of the number space, so that it wraps in every story */
        f->end[d].isn = f->end[d].next = UINT32_MAX - 300 - (uint32_t)d;
        if (f->end[d].host == NULL)
            return mistake(p, "no host %s", words[1 + d]);
        f->end[d].id = 100 + 5000 * (unsigned)d;
    }
    buf_init(&f->newest, 4096);
    p->n_flows++;
    return 0;
}

static void add_raw(struct play *p, char **words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (const char *s = words[i]; s[0] != '\0' && s[1] != '\0'; s += 2) {
            unsigned octet = 0;

            sscanf(s, "%2x", &octet);
            buf_char(p->file.out, (char)octet);
        }
    }
}

static int play_event(struct play *p, char **words, size_t n)
{
    double seconds = strtod(words[0], NULL);
    int64_t time_us = epoch_us + (int64_t)(seconds * 1e6 + 0.5);
    bool ntp = n > 1 && strcmp(words[1], "ntp") == 0;
    bool dns = n > 1 && (ntp || strcmp(words[1], "dns") == 0);
    struct flow *f;
    struct host *h;
    int d;

    if (n < 2)
        return mistake(p, "an event without words");
    if (strcmp(words[1], "arp") == 0 || strcmp(words[1], "arp-reply") == 0)
        return play_arp(p, time_us, words[1][3] != '\0', words + 2, n - 2);
    h = host_of(p, words[1]);
    if (h != NULL && n > 3 && strcmp(words[2], "icmp") == 0)
        return play_icmp(p, time_us, h, words + 3, n - 3);
    f = flow_of(p, words[dns ? 2 : 1]);
    if (f == NULL || n < (dns ? 4u : 3u))
        return mistake(p, "\"%s\" is no flow", words[dns ? 2 : 1]);
    d = strcmp(words[dns ? 3 : 2], "<") == 0;
    return ntp   ? play_ntp(p, time_us, f, d, words + 4, n - 4)
           : dns ? play_dns(p, time_us, f, d, words + 4, n - 4)
                 : play_segment(p, time_us, f, d, words + 3, n - 3);
}

static int play_line(struct play *p, char *line)
{
    char *words[WORDS], *save = NULL;
    size_t n = 0;

    for (char *w = strtok_r(line, " \t", &save); w != NULL && n < WORDS;
         w = strtok_r(NULL, " \t", &save)) {
        if (w[0] == '#')
            break;
        words[n++] = w;
    }
    if (n == 0)
        return 0;
    if (strcmp(words[0], "host") == 0)
        return add_host(p, words + 1, n - 1);
    if (strcmp(words[0], "flow") == 0)
        return add_flow(p, words + 1, n - 1);
    if (strcmp(words[0], "raw") == 0) {
        add_raw(p, words + 1, n - 1);
        return 0;
    }
    if (n == 2 && strcmp(words[0], "snaplen") == 0) {
        p->file.snaplen = strtoul(words[1], NULL, 10);
        return 0;
    }
    if (n == 2 && strcmp(words[0], "format") == 0 && story_format_known(words[1])) {
        p->file.format = words[1];
        return 0;
    }
    if (n == 2 && strcmp(words[0], "link") == 0 && story_link_known(words[1])) {
        p->file.link = words[1];
        return 0;
    }
    if (words[0][0] < '0' || words[0][0] > '9')
        return mistake(p, "\"%s\" begins no line", words[0]);
    return play_event(p, words, n);
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 128 * 1024);

    if (file == NULL || text == NULL) {
        perror(path);
        exit(2);
    }
    if (fread(text, 1, 128 * 1024 - 1, file) == 0)
        fprintf(stderr, "%s: empty\n", path);
    fclose(file);
    return text;
}

int story_load(const char *path, struct story *s)
{
    static struct play play;
    struct play *p = &play;
    bool expecting = false;
    int status = 0;

    *s = (struct story){.text = read_text(path)};
    buf_init(&s->capture, 8 * 1024 * 1024);
    *p = (struct play){.story = s, .path = path};
    p->file = (struct story_file){.out = &s->capture, .format = "pcapng", .link = "ethernet"};
    for (char *line = s->text, *eol; line[0] != '\0' && status == 0; line = eol) {
        eol = line + strcspn(line, "\n");
        if (*eol != '\0')
            *eol++ = '\0';
        p->line++;
        if (!expecting && strcmp(line, "expect") == 0)
            expecting = true;
        else if (!expecting)
            status = play_line(p, line);
        else if (line[0] != '\0' && line[0] != '#' && s->n_expected < 200)
            s->expected[s->n_expected++] = line;
    }
    if (status == 0 && s->n_expected == 0)
        status = mistake(p, "nothing is expected");
    for (size_t i = 0; i < p->n_flows; i++) {
        buf_free(&p->flows[i].newest);
        for (int d = 0; d < 2; d++)
            for (size_t j = 0; j < p->flows[i].end[d].n_sent; j++)
                buf_free(&p->flows[i].end[d].sent[j].payload);
    }
    return status;
}

void story_free(struct story *s)
{
    buf_free(&s->capture);
    free(s->text);
}
