/*
 * cause: the stable codes of the contract, expanded from cause.def.
 */
#ifndef HOPPROOF_MODEL_CAUSE_H
#define HOPPROOF_MODEL_CAUSE_H

#include "diag/model/names.h"

#include <stdbool.h>

enum cause {
    CAUSE_NONE,
#define CAUSE(name, ...) CAUSE_##name,
#include "diag/model/cause.def"
#undef CAUSE
    CAUSE_COUNT
};

enum place { PLACE_SENSOR, PLACE_RESOLVER, PLACE_HOP, PLACE_LEG, PLACE_ENDPOINT };

/* Numbered so that the worse is the greater. */
enum severity { SEVERITY_NONE, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

enum owner { OWNER_SENSOR, OWNER_DNS, OWNER_NETWORK, OWNER_PROXY, OWNER_CLOUD };

/* The sensor's own troubleshooting classes. */
enum sensor_class {
    CLASS_SECURE_CONNECTION,
    CLASS_GENERAL_CONNECTION,
    CLASS_DNS_SERVER,
    CLASS_PROXY_AUTHENTICATION,
    CLASS_NAME_RESOLUTION,
    CLASS_PROXY_SERVER,
};

struct cause_info {
    const char *code, *title, *explanation, *remedy;
    enum place place;
    enum severity severity;
    enum owner owner;
    enum sensor_class sensor_class;
};

/* The row of a cause; CAUSE_NONE has one too, with a NULL code and empty texts. */
const struct cause_info *cause_info(enum cause cause);

/* The explanation and the remedy of a cause; `own`: it is the sensor's own system that does it. */
const char *cause_explanation(enum cause cause, bool own);
const char *cause_remedy(enum cause cause, bool own);

extern const struct names cause_names; /* CAUSE_NONE is null */
extern const struct names severity_names;
extern const struct names owner_names;
extern const struct names sensor_class_names;

#endif
