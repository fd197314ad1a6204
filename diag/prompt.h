/*
 * prompt: questions on the terminal; a password is typed without echo (termios(3)).
 */
#ifndef HOPPROOF_PROMPT_H
#define HOPPROOF_PROMPT_H

#include <stdbool.h>

struct fault;
struct secret;

/* Ask on standard error, read a line of standard input, a terminal. 0, or -1 with a fault. */
int prompt_password(const char *question, struct secret **out, struct fault *f);

/* Ask likewise for yes or no, until one of them (or its first letter) is the answer. */
int prompt_yes_no(const char *question, bool *yes, struct fault *f);

#endif
