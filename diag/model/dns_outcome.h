/*
 * dns_outcome: what a response code means as an outcome, and which of two outcomes of one name
 * tells more: for the probes and for captures alike.
 */
#ifndef HOPPROOF_MODEL_DNS_OUTCOME_H
#define HOPPROOF_MODEL_DNS_OUTCOME_H

#include "diag/model/report.h"

#include <stdbool.h>

/* Of a well-formed answer: its response code (RFC 6895 section 2.3), and whether it has addresses.
 */
enum outcome dns_outcome_of_rcode(unsigned rcode, bool has_addresses);

/* The larger tells more: an answer, then the worse trouble, then a definite no; 0: no DNS outcome.
 */
int dns_outcome_weight(enum outcome o);

/* An answer or a plain "no": after it the C library asks no further server. */
bool dns_outcome_is_definite(enum outcome o);

/* Dropped, or refused in words: so a limit of questions shows itself, among other troubles. */
bool dns_outcome_may_be_limit(enum outcome o);

#endif
