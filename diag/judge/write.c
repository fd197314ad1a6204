/*
 * write: what a result says of itself in the report: its legs, its texts, and the command that
 * tests just this result again.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"

#include <string.h>

enum { LINE_LIMIT = 16384 };

/* --- legs --- */

/* Causes of a hop that keep its own door shut; the others concern the way behind it. */
static bool shuts_the_door(enum cause cause)
{
    return cause == CAUSE_PROXY_NO_ANSWER || cause == CAUSE_PROXY_CLOSED ||
           cause == CAUSE_PROXY_NOT_A_PROXY || cause == CAUSE_PROXY_MALFORMED;
}

/* The index of the leg that a place stands for; n when it stands for none of them. */
static size_t leg_index(const struct cell *c, enum cause cause, const char *at,
                        const struct step *s)
{
    const struct path *p = c->path;

    if (at == NULL || same_text(at, "resolver"))
        return p->n_legs;
    if (same_text(at, "endpoint"))
        return p->n_legs - 1;
    for (size_t i = 0; i < p->n_legs; i++) {
        bool opens = cause_info(cause)->place == PLACE_HOP && !shuts_the_door(cause);

        if (same_text(at, p->legs[i]))
            return i;
        if (same_text(at, p->stations[i + 1])) /* a hop */
            return opens && i + 1 < p->n_legs ? i + 1 : i;
    }
    /* The sensor: the leg on which it showed. */
    return s != NULL && (s->step == STEP_TLS || s->step == STEP_APP || s->step == STEP_HTTP)
               ? p->n_legs - 1
               : 0;
}

static void write_legs(struct cell *c)
{
    struct result *x = c->result;
    bool fine = x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN;
    size_t bad = leg_index(c, x->cause, x->at, c->decisive);

    for (size_t i = 0; i < x->n_legs; i++) {
        if (fine)
            x->legs[i]->verdict = i == bad ? VERDICT_WARN : VERDICT_PASS;
        else if (x->verdict == VERDICT_SKIP || bad >= x->n_legs)
            x->legs[i]->verdict = VERDICT_SKIP; /* nothing was reached */
        else
            x->legs[i]->verdict = i < bad ? VERDICT_PASS : i == bad ? VERDICT_FAIL : VERDICT_SKIP;
    }
}

/* --- the command that tests it again --- */

static void add_option(struct buf *b, const char *option, const char *value)
{
    buf_char(b, ' ');
    buf_str(b, option);
    buf_char(b, ' ');
    text_shell_word(b, value);
}

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* One word of run.again, "--option=value" or "--flag". */
static void add_again(struct buf *b, struct judge *j, const char *word)
{
    const char *value = strchr(word, '=');

    if (value == NULL) {
        buf_char(b, ' ');
        buf_str(b, word);
    } else {
        add_option(b, arena_strndup(j->r->arena, word, (size_t)(value - word)), value + 1);
    }
}

/*
 * What the user said of the way is repeated. Of a report that does not know it (a capture of
 * others) the proxies are written out. On the direct way nobody needs proxies.
 */
static void add_way(struct buf *b, const struct cell *c)
{
    struct judge *j = c->judge;
    const struct run *run = j->r->run;
    bool direct = c->path->n_legs == 1, known = false, site = false;

    for (size_t i = 0; i < run->n_again; i++) {
        bool of_proxies = begins(run->again[i], "--proxy") || begins(run->again[i], "--chain");

        known = known || begins(run->again[i], "--proxy=");
        site = site || begins(run->again[i], "--site=");
        if (!direct || !of_proxies)
            add_again(b, j, run->again[i]);
    }
    for (size_t i = 0; !direct && !known && !site && i < j->r->n_hops; i++) {
        const struct hop *hop = j->r->hops[i];

        if (hop->url != NULL)
            add_option(b, "--proxy", text(j, "%s=%s", hop->name, hop->url));
    }
    if (!direct && !known && !site && j->r->site->chain == CHAIN_NESTED)
        add_option(b, "--chain", "nested");
    if (direct && !site)
        return;
    add_option(b, "--route", c->result->route);
    add_option(b, "--require", c->result->route);
}

static const char *retest_of(const struct cell *c)
{
    struct buf b;
    const char *line;

    buf_init(&b, LINE_LIMIT);
    buf_str(&b, "hopproof check");
    add_way(&b, c);
    if (c->result->cause == CAUSE_IDLE_DROPPED && idle_seconds(c) > 0)
        add_option(&b, "--idle", text(c->judge, "%lld", idle_seconds(c)));
    buf_char(&b, ' ');
    text_shell_word(&b, c->result->endpoint);
    line = arena_strndup(c->judge->r->arena, buf_text(&b), b.len);
    buf_free(&b);
    return line;
}

void cell_write(struct cell *c)
{
    struct result *x = c->result;
    const struct step *decisive = c->decisive;

    write_legs(c);
    cell_evidence(c);
    x->summary = text_summary(c);
    if (x->cause != CAUSE_NONE) {
        struct endpoint subject = subject_of(c, c->decisive), *endpoint = x->of_endpoint;

        x->of_endpoint = &subject; /* the words are about it */
        x->remedy = text_fill(c->judge, remedy_pattern(c->judge, c, x->cause, c->decisive, x->at),
                              c, c->decisive, x->at,
                              text_detail(c->judge, x->cause, c->note, &decisive, 1, true), NULL);
        x->of_endpoint = endpoint;
    }
    if (x->verdict == VERDICT_FAIL || x->verdict == VERDICT_WARN)
        x->retest = retest_of(c);
}
