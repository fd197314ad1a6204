/*
 * cert: from what verification said to cert-… causes and clock-skew (RFC 5280, 6125, 6960, 6961).
 *
 * Every error of the chain is known, so the order here is the order of importance: a revoked
 * certificate is void whatever else is true; a wrong issuer makes all dates and names irrelevant;
 * the dates come last, because they alone may be our own clock's fault.
 */
#include "diag/base/text.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

static const char at_endpoint[] = "endpoint";

/* X509_V_ERR_… of OpenSSL; the judge knows the numbers, not the library. */
enum {
    ERR_NO_ISSUER = 2,
    ERR_NOT_YET_VALID = 9,
    ERR_EXPIRED = 10,
    ERR_SELF_SIGNED_LEAF = 18,
    ERR_SELF_SIGNED_TOP = 19,
    ERR_NO_ISSUER_HERE = 20,
    ERR_NO_ISSUER_OF_LEAF = 21,
    ERR_REVOKED = 23,
    ERR_PATH_TOO_LONG = 25,
    ERR_PURPOSE = 26,
    ERR_UNTRUSTED = 27,
    ERR_REJECTED = 28,
    ERR_NOT_PERMITTED = 47,
    ERR_EXCLUDED = 48,
    ERR_HOSTNAME = 62,
    ERR_EMAIL = 63,
    ERR_IP_ADDRESS = 64,
    ERR_LEAF_KEY = 66,
    ERR_CA_KEY = 67,
    ERR_DIGEST = 68,
};

/* What is wrong with a chain of known authorities, in words. */
static const struct {
    int64_t code;
    const char *words;
} defects[] = {
    {ERR_PATH_TOO_LONG, "an authority in its chain may not vouch for further authorities"},
    {ERR_PURPOSE, "it is not made for TLS servers"},
    {ERR_NOT_PERMITTED, "its authority may not vouch for this name"},
    {ERR_EXCLUDED, "its authority may not vouch for this name"},
    {ERR_LEAF_KEY, "its key is too short to be safe"},
    {ERR_CA_KEY, "the key of an authority in its chain is too short to be safe"},
    {ERR_DIGEST, "it is signed with a digest that is no longer safe"},
};

static const struct chain_error *find_error(const struct tls_detail *d, int64_t code)
{
    for (size_t i = 0; i < d->n_chain_errors; i++) {
        if (d->chain_errors[i]->code == code)
            return d->chain_errors[i];
    }
    return NULL;
}

static bool name_is_wrong(const struct tls_detail *d)
{
    return find_error(d, ERR_HOSTNAME) != NULL || find_error(d, ERR_IP_ADDRESS) != NULL;
}

static const struct cert *leaf_of(const struct tls_detail *d)
{
    return d->n_chain > 0 ? d->chain[0] : NULL;
}

static const char *issuer_name(const struct tls_detail *d)
{
    const struct cert *leaf = leaf_of(d);

    if (leaf == NULL)
        return "nobody known";
    return leaf->issuer_cn != NULL ? leaf->issuer_cn
           : leaf->issuer != NULL  ? leaf->issuer
                                   : "nobody known";
}

static const char *names_of(struct judge *j, const struct cert *leaf)
{
    const char *names = NULL;

    for (size_t i = 0; leaf != NULL && i < leaf->n_sans && i < 4; i++)
        names = names == NULL ? leaf->sans[i] : text(j, "%s, %s", names, leaf->sans[i]);
    if (names == NULL)
        names = leaf != NULL && leaf->subject_cn != NULL ? leaf->subject_cn : "no name";
    return text(j, "it is for %s", names);
}

/* The issuer that nobody presented, as text; the topmost certificate's issuer when unnamed. */
static const char *missing_of(const struct tls_detail *d)
{
    if (d->missing_issuer != NULL)
        return d->missing_issuer;
    return d->n_chain > 0 ? d->chain[d->n_chain - 1]->issuer : NULL;
}

/* Some issuers say in their name that they stand in the middle. */
static bool names_an_intermediate(const char *issuer)
{
    static const char *const words[] = {"intermediate", "issuing", "sub ca",     "subca",
                                        "sub-ca",       "int ca",  "subordinate"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (has_text(issuer, words[i]) && !has_text(issuer, "root"))
            return true;
    }
    return false;
}

/*
 * Is it an intermediate that is missing, or a root that is unknown? Servers send no roots, so both
 * look alike; only knowledge about the missing issuer tells. These reasons leave no doubt.
 */
static const char *surely_incomplete(const struct cell *c, const struct tls_detail *d)
{
    const struct cert *leaf = leaf_of(d);

    /* A known cross-signed intermediate completes the chain: the server forgot to send it. */
    if (BLOCK("incomplete-bridge") &&
        (d->trusted_with_bridge == TRI_YES ||
         (d->public_with_bridge == TRI_YES && d->public_trust != TRI_YES)))
        return "a known public intermediate completes it";
    /* All was sent that leads to a public root: it is the root that this machine does not have. */
    if (BLOCK("incomplete-public-root") && d->public_trust == TRI_YES)
        return NULL;
    if (BLOCK("incomplete-public-issuer") && d->missing_issuer_public)
        return "a public authority has that name";
    if (BLOCK("incomplete-known-here") && issuer_is_known(c->judge, missing_of(d)))
        return "other servers of this run send it";
    /* RFC 6962: a log has seen it; nobody logs what an inspecting device makes up. */
    if (BLOCK("incomplete-transparency") && leaf != NULL && leaf->scts != INT_UNKNOWN &&
        leaf->scts > 0)
        return "it carries transparency timestamps, as public ones do";
    return NULL;
}

/* Circumstances; where to get the issuer from only counts for a leaf that came alone. */
static const char *probably_incomplete(const struct tls_detail *d)
{
    const struct cert *leaf = leaf_of(d);

    if (d->n_chain == 0 || d->chain[d->n_chain - 1]->self_signed)
        return NULL;
    if (BLOCK("incomplete-aia") && d->n_chain == 1 && leaf->n_aia > 0)
        return "it says where its issuer's certificate can be had";
    if (BLOCK("incomplete-by-name") && names_an_intermediate(missing_of(d)))
        return "that is the name of an intermediate";
    return NULL;
}

bool chain_looks_incomplete(const struct tls_detail *d)
{
    return probably_incomplete(d) != NULL;
}

/* Verification failed for another reason than time or name. */
static bool anchor_is_wrong(const struct tls_detail *d)
{
    if (d->trusted == TRI_YES || d->trusted_ignoring_time == TRI_YES)
        return false;
    if (d->trusted_ignoring_time == TRI_NO)
        return true;
    for (size_t i = 0; i < d->n_chain_errors; i++) {
        int64_t code = d->chain_errors[i]->code;

        if (code != ERR_EXPIRED && code != ERR_NOT_YET_VALID && code != ERR_HOSTNAME &&
            code != ERR_IP_ADDRESS && code != ERR_EMAIL)
            return true;
    }
    return d->trusted == TRI_NO && d->n_chain_errors == 0;
}

/* Who issued it is known here, and there is another objection: a weak key, a wrong purpose. */
static const struct chain_error *find_defect(const struct tls_detail *d)
{
    const struct chain_error *found = NULL;

    for (size_t i = 0; i < d->n_chain_errors; i++) {
        switch (d->chain_errors[i]->code) {
        case ERR_NO_ISSUER:
        case ERR_SELF_SIGNED_LEAF:
        case ERR_SELF_SIGNED_TOP:
        case ERR_NO_ISSUER_HERE:
        case ERR_NO_ISSUER_OF_LEAF:
        case ERR_UNTRUSTED:
        case ERR_REJECTED:
            return NULL; /* nobody known vouches for it: that counts more */
        case ERR_NOT_YET_VALID:
        case ERR_EXPIRED:
        case ERR_HOSTNAME:
        case ERR_EMAIL:
        case ERR_IP_ADDRESS:
            break;
        default:
            if (found == NULL)
                found = d->chain_errors[i];
        }
    }
    return found;
}

/* "its key is too short to be safe (ee-key-too-small), issued by "Lab Root"" */
static const char *defect_text(struct judge *j, const struct tls_detail *d,
                               const struct chain_error *defect)
{
    const char *words = NULL, *name = defect->name != NULL ? defect->name : "unnamed";

    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
        if (defects[i].code == defect->code)
            words = defects[i].words;
    }
    return text(j, "%s%s%s%s; it was issued by \"%s\"",
                words != NULL ? words : "verification says ", words != NULL ? " (" : "", name,
                words != NULL ? ")" : "", issuer_name(d));
}

static void say_incomplete(struct cell *c, struct step *s, const char *why)
{
    const char *issuer = missing_of(step_tls(s));

    say_fail(c, s, CAUSE_CERT_INCOMPLETE_CHAIN, at_endpoint,
             text(c->judge, "\"%s\" is missing; %s", issuer != NULL ? issuer : "its issuer", why));
}

/* Somebody unknown, or somebody known whose certificate does not come along. */
static void judge_anchor(struct cell *c, struct step *s, const struct tls_detail *d)
{
    const struct chain_error *defect = find_defect(d);
    const char *why = defect == NULL ? probably_incomplete(d) : NULL;

    if (BLOCK("cert-defect") && defect != NULL)
        say_fail(c, s, CAUSE_CERT_UNTRUSTED, at_endpoint, defect_text(c->judge, d, defect));
    else if (why != NULL)
        say_incomplete(c, s, why);
    else
        say_fail(c, s, CAUSE_CERT_UNTRUSTED, at_endpoint,
                 text(c->judge, "it was issued by \"%s\", which nobody known here vouches for",
                      issuer_name(d)));
}

/*
 * A chain that is good but for a trust anchor out of date is good: clients take that one from their
 * own store (RFC 5280 section 6.1.1), and whoever has the renewed one of the same key believes it.
 */
const char *cert_expired_anchor(const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    const char *anchor = NULL;

    for (size_t i = 0; d != NULL && i < d->n_chain_errors; i++) {
        const struct chain_error *e = d->chain_errors[i];

        if (e->code != ERR_EXPIRED)
            continue;
        if (e->depth <= 0 || !same_text(e->subject, d->anchor))
            return NULL; /* what the server shows has expired as well */
        anchor = d->anchor;
    }
    return anchor;
}

static void judge_time(struct cell *c, struct step *s, const struct tls_detail *d)
{
    const struct chain_error *late = find_error(d, ERR_EXPIRED);
    const struct cert *leaf = leaf_of(d);
    bool early = late == NULL;
    const struct chain_error *error = early ? find_error(d, ERR_NOT_YET_VALID) : late;
    const char *date = NULL, *why = NULL;

    if (leaf != NULL && error->depth >= 0 && (size_t)error->depth < d->n_chain)
        date = early ? d->chain[error->depth]->not_before : d->chain[error->depth]->not_after;
    if (BLOCK("clock-skew") && clock_is_wrong(c, s, early, &why)) {
        say_fail(c, s, CAUSE_CLOCK_SKEW, "sensor", why);
        return;
    }
    if (BLOCK("cert-anchor-expired") && !early && cert_expired_anchor(s) != NULL) {
        say_fail(c, s, CAUSE_CERT_EXPIRED, at_endpoint,
                 text(c->judge,
                      "%s has expired, which is not the server's certificate but the trust anchor "
                      "that this machine has for it",
                      d->anchor));
        return;
    }
    say_fail(c, s, early ? CAUSE_CERT_NOT_YET_VALID : CAUSE_CERT_EXPIRED, at_endpoint,
             text(c->judge, "%s is valid %s %s",
                  error->depth > 0 && error->subject != NULL ? error->subject : "it",
                  early ? "from" : "until", date != NULL ? date : "another time"));
}

/*
 * In a capture of others: the client's own alert (RFC 8446 section 6.2) tells more than a chain
 * that is hidden, or that this machine would have believed.
 */
static bool judge_refusal(struct cell *c, struct step *s, const struct tls_detail *d)
{
    bool expired = same_text(d->alert_sent, "certificate_expired");

    if (!BLOCK("cert-refused-by-the-client") || s->outcome == OUTCOME_OK || d->alert_sent == NULL ||
        d->n_chain_errors > 0)
        return false;
    say_fail(c, s,
             BLOCK("cert-refused-as-expired") && expired ? CAUSE_CERT_EXPIRED
                                                         : CAUSE_CERT_UNTRUSTED,
             at_endpoint,
             text(c->judge, "the client refused it with the alert %s%s", d->alert_sent,
                  expired                 ? "; the packets do not tell whether its clock is right"
                  : d->trusted == TRI_YES ? "; the anchors given here would have believed it"
                                          : ""));
    return true;
}

/* Errors that are none of the named ones: weak keys, wrong purpose, path too long. */
static void judge_rest(struct cell *c, struct step *s, const struct tls_detail *d)
{
    const char *name = d->n_chain_errors > 0 ? d->chain_errors[0]->name : d->error;

    if (judge_refusal(c, s, d))
        return;
    if (s->outcome == OUTCOME_OK)
        say_pass(s);
    else
        say_fail(c, s, CAUSE_CERT_UNTRUSTED, at_endpoint,
                 name != NULL ? name : "verification failed");
}

/* A name that is not the endpoint's is the device's own; the endpoint's was made up, or copied. */
static const char *self_signed_words(struct cell *c, const struct tls_detail *d)
{
    const char *who = text(c->judge, "it names itself \"%s\"", issuer_name(d));

    if (!BLOCK("cert-self-signed-words") || !name_is_public(c->result->of_endpoint))
        return who;
    return text(c->judge, "%s, %s", who,
                name_is_wrong(d) ? "which is somebody else's name"
                                 : "and was made for this very name by somebody else");
}

/* Somebody else's certificate in the endpoint's name. True when that was said. */
static bool judge_interception(struct cell *c, struct step *s, const struct tls_detail *d)
{
    struct interception i;

    if (name_is_wrong(d)) /* then it is not in the endpoint's name */
        return false;
    i = intercept_of(c, s);
    if (!i.found)
        return false;
    step_tls(s)->resigner = i.resigner;
    say(c, s, i.verdict, CAUSE_TLS_INTERCEPTED, i.at,
        text(c->judge, "issued by \"%s\"; %s", i.resigner, i.why));
    return true;
}

void cert_sieve(struct cell *c, struct step *s, const char *hop)
{
    const struct tls_detail *d = step_tls(s);
    bool wrong_anchor = anchor_is_wrong(d), wrong_name = name_is_wrong(d);
    const char *incomplete = wrong_anchor ? surely_incomplete(c, d) : NULL;

    if (BLOCK("cert-revoked") &&
        (same_text(d->ocsp, "revoked") || find_error(d, ERR_REVOKED) != NULL))
        say_fail(c, s, CAUSE_CERT_REVOKED, at_endpoint, NULL);
    else if (BLOCK("cert-self-signed") && wrong_anchor &&
             (find_error(d, ERR_SELF_SIGNED_LEAF) != NULL ||
              (d->n_chain == 1 && d->chain[0]->self_signed)))
        say_fail(c, s, CAUSE_CERT_SELF_SIGNED, at_endpoint, self_signed_words(c, d));
    else if (BLOCK("cert-incomplete") && incomplete != NULL && !wrong_name)
        say_incomplete(c, s, incomplete); /* a public chain after all: never an interception */
    else if (BLOCK("tls-intercepted") && hop == NULL && judge_interception(c, s, d))
        return;
    else if (BLOCK("cert-name-mismatch") && wrong_name)
        say_fail(c, s, CAUSE_CERT_NAME_MISMATCH, at_endpoint, names_of(c->judge, leaf_of(d)));
    else if (BLOCK("cert-anchor") && wrong_anchor)
        judge_anchor(c, s, d);
    else if (BLOCK("cert-time") &&
             (find_error(d, ERR_EXPIRED) != NULL || find_error(d, ERR_NOT_YET_VALID) != NULL))
        judge_time(c, s, d);
    else
        judge_rest(c, s, d);
}
