/*
 * wrong_answer: which wrong answers of DNS are one matter. A line in the hosts file, a block page,
 * a stale record, a private zone that is missing or in the way: they have one cause in the
 * contract, and are put right by different people or at different places.
 */
#include "diag/base/arena.h"
#include "diag/judge/sieve.h"
#include "diag/model/azure.h"

#include <stdlib.h>
#include <string.h>

static const char *first_address(const struct step *s)
{
    const struct dns_detail *d = step_dns(s);

    return d != NULL && d->n_addresses > 0 ? d->addresses[0] : NULL;
}

static bool is_by_hand(const struct step *s)
{
    return same_text(step_dns(s)->source, "hosts-file");
}

static int by_address(const void *a, const void *b)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    int order = strcmp(first_address(x->decisive), first_address(y->decisive));

    return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Services apart: two names of one kind (two storage accounts) may well share an address. */
bool are_services_apart(const struct cell *a, const struct cell *b)
{
    const struct azure_name *x = azure_name_of(a->result->of_endpoint->host);
    const struct azure_name *y = azure_name_of(b->result->of_endpoint->host);

    return a->result->of_endpoint != b->result->of_endpoint && (x == NULL || x != y);
}

void dns_find_shared_answers(struct judge *j)
{
    struct cell **list = arena_alloc(j->r->arena, (j->r->n_results + 1) * sizeof(struct cell *));
    size_t n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];

        c->shared_answer = NULL;
        if (c->result->cause == CAUSE_DNS_UNEXPECTED_ADDRESS &&
            first_address(c->decisive) != NULL && !is_by_hand(c->decisive))
            list[n++] = c;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_address);
    for (size_t i = 0, end; i < n; i = end) {
        const char *address = first_address(list[i]->decisive);
        bool apart = false;

        for (end = i + 1; end < n && same_text(first_address(list[end]->decisive), address); end++)
            apart = apart || are_services_apart(list[i], list[end]);
        for (size_t k = i; apart && k < end; k++)
            list[k]->shared_answer = address;
    }
}

/* Public where private is expected, the other way round, in another service's tag, in none. */
static const char *kind_of(const struct cell *c, const struct step *s)
{
    const char *expected = c->result->of_endpoint->expect_address;

    if (dns_is_private(first_address(s)))
        return "private";
    if (same_text(expected, "private"))
        return "public in place of private";
    return dns_is_in_other_tag(step_dns(s)) ? "of another service" : "public";
}

const char *dns_wrong_answer(const struct cell *c, enum cause cause, const struct step *s)
{
    if ((cause != CAUSE_DNS_UNEXPECTED_ADDRESS && cause != CAUSE_DNS_SINKHOLE) ||
        first_address(s) == NULL)
        return NULL;
    if (is_by_hand(s))
        return "hosts file";
    if (cause == CAUSE_DNS_SINKHOLE)
        return "resolver";
    return s == c->decisive && c->shared_answer != NULL ? c->shared_answer : kind_of(c, s);
}
