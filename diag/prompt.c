/* prompt: see prompt.h. */
#include "diag/prompt.h"

#include "diag/base/fault.h"
#include "diag/base/secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

/* One line into `line`; its length, or -1 at ^C, ^D or an error, or when it is too long. */
static ssize_t read_line(char *line, size_t room)
{
    size_t len = 0;

    for (;;) {
        char c;
        ssize_t n = read(STDIN_FILENO, &c, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || c == 3 /* ^C: signals are off, see below */ || len == room)
            return -1;
        if (c == '\n')
            return (ssize_t)len;
        line[len++] = c;
    }
}

int prompt_password(const char *question, struct secret **out, struct fault *f)
{
    struct termios before, silent;
    char line[1024];
    ssize_t len;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return fault_set(f, "the terminal cannot be used: %s; give --proxy-password-file",
                         strerror(errno));
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ISIG);
    silent.c_lflag |= ECHONL | ICANON;
    fputs(question, stderr);
    fflush(stderr);
    /* Without ISIG a ^C is read as a character, so that no signal can leave the echo off. */
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
        return fault_set(f,
                         "the terminal's echo cannot be switched off: %s; give "
                         "--proxy-password-file",
                         strerror(errno));
    len = read_line(line, sizeof line);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    *out = len < 0 ? NULL : secret_new(line, (size_t)len);
    explicit_bzero(line, sizeof line);
    if (*out == NULL)
        return fault_set(f, "no password was given; start again, or give --proxy-password-file");
    return 0;
}

int prompt_yes_no(const char *question, bool *yes, struct fault *f)
{
    static const char *const words[] = {"yes", "no"};
    char line[64];

    for (;;) {
        ssize_t len;

        fprintf(stderr, "%s [yes/no] ", question);
        fflush(stderr);
        len = read_line(line, sizeof line);
        if (len < 0)
            return fault_set(f, "the question was not answered; start again");
        for (size_t i = 0; i < 2; i++) {
            if (len > 0 && (size_t)len <= strlen(words[i]) &&
                strncasecmp(line, words[i], (size_t)len) == 0) {
                *yes = i == 0;
                return 0;
            }
        }
    }
}
