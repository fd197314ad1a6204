/*
 * fleet_json: a fleet report as JSON, a document of its own kind. Every key is always present,
 * null where nothing is known; later versions may add keys.
 */
#ifndef HOPPROOF_REPORTS_FLEET_JSON_H
#define HOPPROOF_REPORTS_FLEET_JSON_H

#include "reports/fleet.h"

#include <stdio.h>

#define FLEET_SCHEMA    "hopproof.fleet/1"
#define FLEET_SCHEMA_ID "urn:hopproof:schema:fleet:1"

#define FLEET_COUNTS_FIELDS(F, S)                                                                  \
    F(S, STR, name, , "of the site or the endpoint; null for all")                                 \
    F(S, INT, pass, , "")                                                                          \
    F(S, INT, warn, , "")                                                                          \
    F(S, INT, fail, , "")                                                                          \
    F(S, INT, skip, , "not tested")

#define FLEET_SENSOR_FIELDS(F, S)                                                                  \
    F(S, STR, file, , "where its report is")                                                       \
    F(S, STR, site, , "name of the site")                                                          \
    F(S, STR, sensor, , "name of the sensor")                                                      \
    F(S, STR, started, , "RFC 3339, UTC")                                                          \
    F(S, NAME, verdict, verdict, "of its report")                                                  \
    F(S, BOOL, complete, , "the run could be completed")                                           \
    F(S, BOOL, superseded, , "there is a newer report of the same sensor: it counts nowhere")      \
    F(S, STR, sentence, , "its verdict in one sentence")                                           \
    F(S, BOOL, checklist, , "its report has one: the site names a method, or it is a migration")   \
    F(S, STRS, unmet, , "codes of the points that do not hold and that a sign-off needs")          \
    F(S, STRS, to_look, , "needed too, and not seen from the sensor: to be looked at")             \
    F(S, STRS, unmet_info, , "that do not hold, for information")

#define FLEET_TIMES_FIELDS(F, S)                                                                   \
    F(S, STR, endpoint, , "id of the endpoint")                                                    \
    F(S, INT, sensors, , "how many have the finding there")

#define FLEET_GROUP_FIELDS(F, S)                                                                   \
    F(S, NAME, cause, cause, "stable code")                                                        \
    F(S, STR, at, , "where")                                                                       \
    F(S, STR, owner, , "who has to act")                                                           \
    F(S, NAME, sensor_class, sensor_class, "the sensor's own class for it")                        \
    F(S, NAME, severity, severity, "error, warning, info")                                         \
    F(S, STR, title, , "in words")                                                                 \
    F(S, STR, remedy, , "what to change, in the words of the first report")                        \
    F(S, INT, sites, , "at how many sites")                                                        \
    F(S, INTS, sensors, , "which have it: indices into sensors")                                   \
    F(S, OBJS, endpoints, fleet_times, "where, most frequent first")

#define FLEET_FILE_FIELDS(F, S)                                                                    \
    F(S, STR, file, , "a file that is no report")                                                  \
    F(S, STR, why, , "what is wrong with it")

#define FLEET_DOCUMENT_FIELDS(F, S)                                                                \
    F(S, STR, schema, , "hopproof.fleet/1")                                                        \
    F(S, NAME, verdict, verdict, "the worst of all sensors")                                       \
    F(S, STR, sentence, , "how many fail, the first reason, who must act")                         \
    F(S, OBJ, counts, fleet_counts, "sensors by verdict")                                          \
    F(S, INT, superseded, , "reports that a newer one replaces")                                   \
    F(S, INT, incomplete, , "runs that could not be completed")                                    \
    F(S, OBJS, findings, fleet_group, "worst first, then the one with most sensors")               \
    F(S, OBJS, sites, fleet_counts, "sensors by site, most failures first")                        \
    F(S, OBJS, endpoints, fleet_counts, "sensors by required endpoint, most failures first")       \
    F(S, OBJS, sensors, fleet_sensor, "every report, in the order of the command line")            \
    F(S, OBJS, skipped, fleet_file, "files that were not counted")

/* The document last. */
#define FLEET_SHAPES(X)                                                                            \
    X(fleet_counts, FLEET_COUNTS_FIELDS)                                                           \
    X(fleet_sensor, FLEET_SENSOR_FIELDS)                                                           \
    X(fleet_times, FLEET_TIMES_FIELDS)                                                             \
    X(fleet_group, FLEET_GROUP_FIELDS)                                                             \
    X(fleet_file, FLEET_FILE_FIELDS)                                                               \
    X(fleet_document, FLEET_DOCUMENT_FIELDS)

#define FLEET_STRUCT(name, FIELDS)                                                                 \
    struct name {                                                                                  \
        FIELDS(MEMBER, name)                                                                       \
        const char *unknown_keys;                                                                  \
    };                                                                                             \
    extern const struct shape name##_shape;
FLEET_SHAPES(FLEET_STRUCT)
#undef FLEET_STRUCT

/* The finished fleet; 0, or -1 when it does not fit. */
int fleet_json(const struct fleet *f, struct buf *out);

/* The JSON Schema (draft 2020-12) of it. 0, or -1 when writing failed. */
int fleet_write_schema(FILE *out);

#endif
