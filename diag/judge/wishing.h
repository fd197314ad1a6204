/*
 * wishing: what the parts of the wishes share; private to diag/judge/wishes*.c.
 */
#ifndef HOPPROOF_JUDGE_WISHING_H
#define HOPPROOF_JUDGE_WISHING_H

#include "diag/judge/learned.h"

enum {
    REQUIRED_SAMPLES = 3, /* of one symptom on a required route: a filter by name hits several */
    OPTIONAL_SAMPLES = 1,
    REPEATS_AT_ONCE = 2, /* where one was in vain, and a member of several may have been met */
    /* Names at which DNS servers differ, on the direct route. One name's address says nothing of
     * another's, and they are all tried at the same time: what is saved is packets, not time. */
    MISLED_REQUIRED = 16,
    MISLED_OPTIONAL = 3,
};

/* Kinds of symptom behind those of symptom_of. */
enum {
    SYMPTOM_ALERT = SYMPTOMS,
    SYMPTOM_NOT_TLS,
    SYMPTOM_TUNNEL,
    SYMPTOM_PARENT,
    SYMPTOM_DENIED,
    SYMPTOM_UNKNOWN,
    SYMPTOM_REFUSED,
    SYMPTOM_MISLED,
    SYMPTOM_SERVFAIL,
    SYMPTOM_CROWD_PASSES,
    SYMPTOM_CROWD, /* and a cause */
    SYMPTOM_KINDS = SYMPTOM_CROWD + CAUSE_COUNT
};

struct wishing {
    struct judge *j;
    struct wish *list;
    size_t n;
    bool *works;     /* for each route: somebody gets through */
    bool *recovered; /* for each route: somebody gets through who was asked again */
    bool *asking;    /* for each route: connections are about to be made again by themselves */
    bool *misled;    /* for each route: a name was shown to lead to the wrong machine */
    size_t *samples; /* for each route and kind of symptom: results that were chosen */
};

bool wish_was_made(const struct cell *c, enum experiment what);

/* One more wish for this cell, made before or not; `to` as in struct wish. */
void wish_push(struct wishing *w, struct cell *c, enum experiment what, const char *to);

/* One more wish, to follow this step, which need not have failed. */
void wish_push_after(struct wishing *w, struct cell *c, const struct step *after,
                     enum experiment what);

/* Was this result, or may it still be, one of the few that stand for all with its symptom? */
bool wish_is_sample(struct wishing *w, const struct cell *c, int kind);

/*
 * The very same once more, after a pause; where one was in vain and others on the route show that
 * it may have met a bad member behind the hop's address, two more at the same time: members that
 * take turns cannot both be bad.
 */
void wish_again(struct wishing *w, struct cell *c);

/* Was another result on this route served when it was asked again? Then one cannot stand for all:
 * each asks again. */
bool wish_is_of_member(const struct wishing *w, const struct cell *c);

/* wishes_tunnel.c: a hop did not open the tunnel. */
void wishes_after_tunnel(struct wishing *w, struct cell *c);

/* wishes_app.c: the service answered; it, or somebody in its place, did not as it should. */
void wishes_after_answer(struct wishing *w, struct cell *c);
void wishes_after_refusal(struct wishing *w, struct cell *c);

/* wishes_crowd.c: it may have been one too many. True: that is to be known before all else. */
bool wishes_after_crowd(struct wishing *w, struct cell *c);

/* wishes_connect.c: a connection was not made. */
void wishes_after_connect(struct wishing *w, struct cell *c);

#endif
