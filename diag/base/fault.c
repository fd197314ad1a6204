/* fault: see fault.h. */
#include "diag/base/fault.h"

#include <stdarg.h>
#include <stdio.h>

void fault_write(struct fault *f, const char *format, ...)
{
    va_list args;

    if (f == NULL)
        return;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
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
