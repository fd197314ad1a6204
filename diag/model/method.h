/*
 * method: the connection methods, expanded from method.def.
 */
#ifndef HOPPROOF_MODEL_METHOD_H
#define HOPPROOF_MODEL_METHOD_H

#include "diag/model/names.h"

#include <stdbool.h>

enum method {
#define METHOD(name, ...) METHOD_##name,
#include "diag/model/method.def"
#undef METHOD
    METHOD_COUNT
};

enum method_proxy { METHOD_PROXY_NEVER, METHOD_PROXY_MAY, METHOD_PROXY_MUST };

struct method_info {
    enum method method;
    const char *word;    /* in site files and reports */
    const char *through; /* "directly": behind "the sensor connects" */
    enum method_proxy proxy;
    bool direct_unwanted; /* where there is a proxy */
    bool in_azure;        /* the proxies: private address, load balancer, NAT gateway */
    const char *profile;  /* endpoints where none are named */
};

/* By its word; NULL when there is none of it, as for NULL. */
const struct method_info *method_find(const char *word);

extern const struct names method_names;

#endif
