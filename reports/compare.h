/*
 * compare: two reports of one sensor, before and after a change: what broke, what was fixed, what
 * else is not as it was.
 *
 * An endpoint is held against itself on the route that each report requires, because a migration
 * often is a change of just that route; what the other routes do is information, and so are
 * optional endpoints. The legacy IoT hub of a migration is cut off on purpose: no regression.
 */
#ifndef HOPPROOF_REPORTS_COMPARE_H
#define HOPPROOF_REPORTS_COMPARE_H

#include "diag/model/report.h"
#include "reports/text.h"

struct buf;

#define COMPARE_SCHEMA "hopproof.compare/1"

/* Worst first: the order in which changes are shown. */
enum change_kind {
    CHANGE_BROKE,    /* passed, now fails */
    CHANGE_UNTESTED, /* passed, now nobody knows */
    CHANGE_STILL,    /* fails, and failed before */
    CHANGE_NEW_FAIL, /* was not there or not tested, fails */
    CHANGE_WORSE,    /* passes, now with a warning */
    CHANGE_GONE,     /* no longer in the list */
    CHANGE_CUT,      /* the legacy IoT hub of a migration: worked, and does not any more */
    CHANGE_FIXED,    /* failed, passes */
    CHANGE_BETTER,   /* warned, passes */
    CHANGE_NEW,      /* was not there or not tested, passes */
    CHANGE_NONE,
    CHANGE_COUNT
};
extern const struct names change_kind_names;

#define SIDE_FIELDS(F, S)                                                                          \
    F(S, STR, file, , "name of the file")                                                          \
    F(S, STR, run, , "id of the run")                                                              \
    F(S, STR, started, , "RFC 3339, UTC")                                                          \
    F(S, STR, site, , "name of the site")                                                          \
    F(S, STR, sensor, , "name of the sensor")                                                      \
    F(S, STR, required_route, , "the route that decides")                                          \
    F(S, NAME, verdict, verdict, "of the whole report")

#define STATE_FIELDS(F, S)                                                                         \
    F(S, STR, route, , "id of the route")                                                          \
    F(S, NAME, verdict, verdict, "pass, warn, fail, skip")                                         \
    F(S, NAME, cause, cause, "why it is not a pass")                                               \
    F(S, STR, at, , "where")                                                                       \
    F(S, MS, duration, , "of the result")                                                          \
    F(S, STR, summary, , "one sentence")

#define CHANGE_FIELDS(F, S)                                                                        \
    F(S, STR, endpoint, , "id of the endpoint")                                                    \
    F(S, NAME, kind, change_kind, "what became of it")                                             \
    F(S, BOOL, required, , "does it decide; else it is for information")                           \
    F(S, BOOL, optional, , "the route decides, and the endpoint is optional")                      \
    F(S, OBJ, before, state, "null where it was not there")                                        \
    F(S, OBJ, after, state, "null where it is no longer there")                                    \
    F(S, STRS, notes, , "what else changed: addresses, certificate, protocol, time")

#define TALLY_FIELDS(F, S)                                                                         \
    F(S, INT, broke, , "passed, now fail")                                                         \
    F(S, INT, untested, , "passed, now not tested")                                                \
    F(S, INT, still_fail, , "failed, and still do")                                                \
    F(S, INT, new_fail, , "new, and fail")                                                         \
    F(S, INT, worse, , "now pass with a warning")                                                  \
    F(S, INT, gone, , "no longer there")                                                           \
    F(S, INT, cut, , "legacy IoT hubs (optional) that work no longer")                             \
    F(S, INT, fixed, , "failed, now pass")                                                         \
    F(S, INT, better, , "lost their warning")                                                      \
    F(S, INT, new_pass, , "new, and pass")                                                         \
    F(S, INT, same, , "as before")

#define COMPARISON_FIELDS(F, S)                                                                    \
    F(S, STR, schema, , "hopproof.compare/1")                                                      \
    F(S, NAME, verdict, verdict, "fail: something that passed fails; warn: worse or unknown")      \
    F(S, OBJ, before, side, "the first report")                                                    \
    F(S, OBJ, after, side, "the second")                                                           \
    F(S, STR, legacy_hub, , "id of the endpoint that is cut off on purpose; or null")              \
    F(S, OBJ, required, tally, "required endpoints, by what became of them")                       \
    F(S, STRS, circumstances, , "what is different around the endpoints")                          \
    F(S, OBJS, changes, change, "every endpoint, worst first")                                     \
    F(S, LINK, arena, arena, "")

#define COMPARE_SHAPES(X)                                                                          \
    X(side, SIDE_FIELDS)                                                                           \
    X(state, STATE_FIELDS)                                                                         \
    X(change, CHANGE_FIELDS)                                                                       \
    X(tally, TALLY_FIELDS)                                                                         \
    X(comparison, COMPARISON_FIELDS)

#define COMPARE_STRUCT(name, FIELDS)                                                               \
    struct name {                                                                                  \
        FIELDS(MEMBER, name)                                                                       \
        const char *unknown_keys;                                                                  \
    };                                                                                             \
    extern const struct shape name##_shape;
COMPARE_SHAPES(COMPARE_STRUCT)
#undef COMPARE_STRUCT

/*
 * The comparison; it owns its arena and points into both reports, which must live as long.
 * `before_file` and `after_file` are names for people.
 */
struct comparison *compare_new(const struct report *before, const char *before_file,
                               const struct report *after, const char *after_file);
void compare_free(struct comparison *c);

/* One sentence: what broke and what was fixed. */
void compare_sentence(const struct comparison *c, struct buf *to);

/* On a terminal, in one line, as JSON, as a page. Same kinds as for a report. */
void compare_text(const struct comparison *c, struct text_style style, struct buf *out);
void compare_line(const struct comparison *c, struct text_style style, struct buf *out);
void compare_html(const struct comparison *c, struct buf *out);

/* How a kind of change is headed: "BROKEN: passed, now fails". */
const char *compare_heading(enum change_kind kind);

/* "direct PASS > proxy-A FAIL proxy-denied at proxy-B". */
void compare_states(const struct change *change, struct buf *to);

#endif
