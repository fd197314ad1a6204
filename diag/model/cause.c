/* cause: see cause.h. */
#include "diag/model/cause.h"

#include <stddef.h>

static const struct cause_info infos[CAUSE_COUNT] = {
    [CAUSE_NONE] = {NULL, "", "", "", PLACE_SENSOR, SEVERITY_NONE, OWNER_SENSOR,
                    CLASS_GENERAL_CONNECTION},
#define CAUSE(name, code, place, severity, owner, class, title, explanation, remedy)               \
    [CAUSE_##name] = {code,          title,         explanation,                                   \
                      remedy,        PLACE_##place, SEVERITY_##severity,                           \
                      OWNER_##owner, CLASS_##class},
#include "diag/model/cause.def"
#undef CAUSE
};

static const char *const cause_words[CAUSE_COUNT] = {
    [CAUSE_NONE] = NULL,
#define CAUSE(name, code, ...) [CAUSE_##name] = code,
#include "diag/model/cause.def"
#undef CAUSE
};

static const char *const severity_words[] = {[SEVERITY_NONE] = NULL,
                                             [SEVERITY_INFO] = "info",
                                             [SEVERITY_WARNING] = "warning",
                                             [SEVERITY_ERROR] = "error"};
static const char *const owner_words[] = {[OWNER_SENSOR] = "sensor",
                                          [OWNER_DNS] = "dns",
                                          [OWNER_NETWORK] = "network",
                                          [OWNER_PROXY] = "proxy",
                                          [OWNER_CLOUD] = "cloud"};
static const char *const class_words[] = {
    [CLASS_SECURE_CONNECTION] = "secure connection",
    [CLASS_GENERAL_CONNECTION] = "general connection",
    [CLASS_DNS_SERVER] = "DNS server",
    [CLASS_PROXY_AUTHENTICATION] = "proxy authentication",
    [CLASS_NAME_RESOLUTION] = "name resolution",
    [CLASS_PROXY_SERVER] = "proxy server",
};

#define COUNT(words) (sizeof(words) / sizeof(words)[0])
const struct names cause_names = {"cause", cause_words, COUNT(cause_words)};
const struct names severity_names = {"severity", severity_words, COUNT(severity_words)};
const struct names owner_names = {"owner", owner_words, COUNT(owner_words)};
const struct names sensor_class_names = {"sensor class", class_words, COUNT(class_words)};

const struct cause_info *cause_info(enum cause cause)
{
    return &infos[(unsigned)cause < CAUSE_COUNT ? cause : CAUSE_NONE];
}

/* Texts for causes of a leg that are the doing of the sensor itself. */
static const struct {
    const char *explanation, *remedy;
} own_words[CAUSE_COUNT] = {
#define CAUSE(...)
#define CAUSE_OWN(name, explanation, remedy) [CAUSE_##name] = {explanation, remedy},
#include "diag/model/cause.def"
#undef CAUSE_OWN
#undef CAUSE
};

static bool has_own_words(enum cause cause, bool own)
{
    return own && (unsigned)cause < CAUSE_COUNT && own_words[cause].explanation != NULL;
}

const char *cause_explanation(enum cause cause, bool own)
{
    return has_own_words(cause, own) ? own_words[cause].explanation
                                     : cause_info(cause)->explanation;
}

const char *cause_remedy(enum cause cause, bool own)
{
    return has_own_words(cause, own) ? own_words[cause].remedy : cause_info(cause)->remedy;
}
