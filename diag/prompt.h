/*
 * prompt: a password typed on the terminal, without echo (termios(3)).
 */
#ifndef HOPPROOF_PROMPT_H
#define HOPPROOF_PROMPT_H

struct fault;
struct secret;

/* Ask on standard error, read a line of standard input, a terminal. 0, or -1 with a fault. */
int prompt_password(const char *question, struct secret **out, struct fault *f);

#endif
