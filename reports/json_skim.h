/*
 * json_skim: a report's text without its bulk, before any parser sees it.
 *
 * An overview of hundreds of reports needs neither steps nor packets, which are nine tenths of
 * their text. Their values become null here, by matching brackets alone, at a fraction of the
 * price of parsing them. What is left is parsed as strictly as ever.
 */
#ifndef HOPPROOF_REPORTS_JSON_SKIM_H
#define HOPPROOF_REPORTS_JSON_SKIM_H

#include <stddef.h>

/*
 * In place: every member "steps" or "wire", at any depth, gets the value null. Returns the new
 * length. Text that is no JSON comes out as some other text that is no JSON.
 */
size_t json_skim(char *text, size_t len);

#endif
