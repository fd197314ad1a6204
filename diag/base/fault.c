/* fault: see fault.h. */
#include "diag/base/fault.h"

#include <stdarg.h>
#include <stdio.h>

/* A message quotes inputs and names of files: nothing in it may steer a terminal. */
static void disarm(char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            *s = '?';
    }
}

void fault_write(struct fault *f, const char *format, ...)
{
    va_list args;

    if (f == NULL)
        return;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    disarm(f->text);
}

void fault_write_at(struct fault *f, const char *file, unsigned long line, const char *format, ...)
{
    char what[sizeof f->text];
    va_list args;

    if (f == NULL)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    fault_write(f, "%s:%lu: %s", file, line, what);
}
